#include "builder/tree/beneath.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "core/file.hpp"

namespace reburst::tree {
namespace {

class BeneathTest : public ::testing::Test {
 protected:
  TempDirectory temp_ = *TempDirectory::make("/tmp", "reburst-beneath-test");
  fs::path outside_ = temp_.path() / "outside";
  fs::path inside_ = temp_.path() / "inside";

  void SetUp() override {
    fs::create_directories(outside_);
    fs::create_directories(inside_ / "etc");
    std::ofstream(outside_ / "secret") << "secret";
  }
  [[nodiscard]] Beneath open() const { return *Beneath::open(inside_); }
};

TEST_F(BeneathTest, NoLinkLeadsOut) {
  fs::create_symlink(outside_, inside_ / "absolute");
  fs::create_symlink("../outside", inside_ / "relative");
  fs::create_symlink("/proc/self/root" + outside_.string(), inside_ / "magic");
  const Beneath root = open();
  for (const char* path : {"absolute/secret", "relative/secret", "magic/secret", "../outside/secret",
                           "/../../outside/secret", "etc/../../outside/secret"}) {
    EXPECT_FALSE(root.read(path, 100)) << path;
    EXPECT_FALSE(root.write(path, "changed")) << path;
    EXPECT_TRUE(root.remove(path)) << path;
  }
  EXPECT_EQ(*read_file(outside_ / "secret", 100), "secret");
}

TEST_F(BeneathTest, AbsoluteLinksMeanTheTreesOwnRoot) {
  std::ofstream(inside_ / "etc/real") << "inner";
  fs::create_symlink("/etc", inside_ / "link");
  EXPECT_EQ(*open().read("/link/real", 100), "inner");
  EXPECT_EQ(*open().real_folder("/link"), "etc");
  EXPECT_EQ(*open().real_folder("/"), "");
}

TEST_F(BeneathTest, WriteReplacesALinkInsteadOfFollowingIt) {
  std::ofstream(inside_ / "target") << "kept";
  fs::create_symlink("/target", inside_ / "link");
  ASSERT_TRUE(open().write("link", "new", 0640));
  EXPECT_EQ(*read_file(inside_ / "target", 100), "kept");
  EXPECT_FALSE(fs::is_symlink(inside_ / "link"));
  struct stat info {};
  ASSERT_EQ(::stat((inside_ / "link").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
}

TEST_F(BeneathTest, RemoveTakesFoldersButNotWhatLinksPointTo) {
  fs::create_directories(inside_ / "full/a/b");
  std::ofstream(inside_ / "full/a/b/c") << "x";
  fs::create_symlink(outside_, inside_ / "full/link");
  ASSERT_TRUE(open().remove("full"));
  EXPECT_FALSE(fs::exists(inside_ / "full"));
  EXPECT_TRUE(fs::exists(outside_ / "secret"));
  EXPECT_TRUE(open().remove("not/there"));
}

TEST_F(BeneathTest, FoldersAreMadeWhateverTheUmask) {
  const mode_t before = ::umask(077);
  ASSERT_TRUE(open().make_folders("/a/b/c"));
  (void)::umask(before);
  struct stat info {};
  ASSERT_EQ(::stat((inside_ / "a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0755U);
}

TEST_F(BeneathTest, SaysWhichPathIsMissing) {
  const auto missing = open().read("etc/none", 100);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kMissing);
  EXPECT_EQ(missing.error().message, "cannot open \"/etc/none\" in the tree: No such file or directory");
  std::ofstream(inside_ / "etc/large") << std::string(101, 'x');
  const auto large = open().read("etc/large", 100);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().message, "\"/etc/large\" in the tree is larger than expected");
}

}  // namespace
}  // namespace reburst::tree
