#include "core/file.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <fstream>

#include "core/digest.hpp"

namespace reburst {

class File : public testing::Test {
 protected:
  [[nodiscard]] fs::path at(const char* name) const { return folder_.path() / name; }
  TempDirectory folder_ = TempDirectory::make(testing::TempDir(), "file").value();
};

TEST_F(File, WritesWholeOrNotAtAll) {
  ASSERT_TRUE(write_file_atomic(at("a"), "one"));
  ASSERT_TRUE(write_file_atomic(at("a"), "two", 0600));
  EXPECT_EQ(read_file(at("a"), 100).value(), "two");
  struct stat status {};
  ASSERT_EQ(::stat(at("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_FALSE(write_file_atomic(at("none") / "b", "x"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1) << "no temporary file may stay";
}

TEST_F(File, RefusesToReadMoreThanAllowed) {
  ASSERT_TRUE(write_file_atomic(at("a"), "12345"));
  EXPECT_EQ(read_file(at("a"), 5).value(), "12345");
  const auto tooLarge = read_file(at("a"), 4);
  ASSERT_FALSE(tooLarge);
  EXPECT_EQ(tooLarge.error().code, ErrorCode::kIntegrity);
}

TEST_F(File, AMissingFileHasItsOwnCode) {
  EXPECT_EQ(read_file(at("none"), 1).error().code, ErrorCode::kMissing);
}

TEST_F(File, RegularFilesAloneWhereAUserNamesOne) {
  ASSERT_TRUE(write_file_atomic(at("a"), "one"));
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_regular_file(at("a"), 3).value(), "one");
  EXPECT_EQ(read_regular_file(at("a"), 2).error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(read_regular_file(at("none"), 3).error().code, ErrorCode::kMissing);
  for (const auto& path : {at("pipe"), folder_.path(), fs::path("/dev/null")}) {
    const auto refused = read_regular_file(path, 3);  // and does not wait
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, ErrorCode::kMissing);
    EXPECT_EQ(refused.error().message, "\"" + path.string() + "\" is not a file");
  }
}

TEST_F(File, NobodyWaitsForAPipesWriter) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  const auto message = "\"" + at("pipe").string() + "\" is not a file";
  EXPECT_EQ(open_read(at("pipe")).error().message, message);
  EXPECT_EQ(open_read(at("pipe")).error().code, ErrorCode::kMissing);
  EXPECT_EQ(read_file(at("pipe"), 3).error().message, message);
  EXPECT_EQ(sha256_file(at("pipe")).error().message, message);
  EXPECT_EQ(clone_file(at("pipe"), at("copy")).error().message, message);
  EXPECT_TRUE(open_read("/dev/null"));
  EXPECT_TRUE(open_read(folder_.path()));
}

TEST_F(File, ASocketIsNoFile) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = at("s").string();
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  const Fd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(open_read(path).error().message, "\"" + path + "\" is not a file");
  EXPECT_EQ(open_read(path).error().code, ErrorCode::kMissing);
}

TEST_F(File, CloneKeepsContentAndHoles) {
  std::ofstream(at("a")) << "begin";
  fs::resize_file(at("a"), 50U << 20U);
  ASSERT_TRUE(clone_file(at("a"), at("b")));
  EXPECT_EQ(fs::file_size(at("b")), 50U << 20U);
  EXPECT_EQ(read_file(at("a"), 60U << 20U).value(), read_file(at("b"), 60U << 20U).value());
  struct stat status {};
  ASSERT_EQ(::stat(at("b").c_str(), &status), 0);
  EXPECT_LT(status.st_blocks, 1000);
}

TEST_F(File, ClonesAcrossFileSystems) {
  struct stat here {};
  struct stat there {};
  ASSERT_EQ(::stat(folder_.path().c_str(), &here), 0);
  // Two file systems are needed: /dev/shm is one of its own on every Linux that mounts it at all.
  if (::stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev)
    GTEST_SKIP() << "/dev/shm is no other file system";
  const auto other = TempDirectory::make("/dev/shm", "reburst-file-test").value();
  std::string content(3U << 20U, 'x');
  content += "end";
  ASSERT_TRUE(write_file_atomic(at("a"), content));
  fs::resize_file(at("a"), 50U << 20U);
  ASSERT_TRUE(clone_file(at("a"), other.path() / "b"));
  EXPECT_EQ(sha256_file(other.path() / "b").value(), sha256_file(at("a")).value());
  struct stat status {};
  ASSERT_EQ(::stat((other.path() / "b").c_str(), &status), 0);
  EXPECT_LT(status.st_blocks, 10000) << "the hole was filled";
}

TEST_F(File, RemoveTreeStaysInsideIt) {
  fs::create_directories(at("tree/sub"));
  ASSERT_TRUE(write_file_atomic(at("kept"), "x"));
  fs::create_symlink(at("kept"), at("tree/link"));
  fs::create_directory_symlink(folder_.path(), at("tree/up"));
  ASSERT_TRUE(remove_tree(at("tree")));
  EXPECT_TRUE(fs::exists(at("kept")));
  EXPECT_FALSE(fs::exists(at("tree")));
  EXPECT_TRUE(remove_tree(at("tree"))) << "a path that is not there is no error";
}

TEST_F(File, TempDirectoryGoesUnlessReleased) {
  fs::path gone;
  fs::path kept;
  {
    auto first = TempDirectory::make(folder_.path(), "t").value();
    auto second = TempDirectory::make(folder_.path(), "t").value();
    gone = first.path();
    kept = second.release();
  }
  EXPECT_FALSE(fs::exists(gone));
  EXPECT_TRUE(fs::exists(kept));
}

}  // namespace reburst
