#include "boot/copy_tree.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <string>

#include "core/file.hpp"

namespace reburst::boot {
namespace {

class CopyTree : public ::testing::Test {
 protected:
  CopyTree() {
    EXPECT_TRUE(make_directories(from / "lib/app"));
    EXPECT_EQ(::mkdir(to.c_str(), 0755), 0);
  }

  struct stat copied(const char* name) {
    struct stat status {};
    EXPECT_EQ(::lstat((to / name).c_str(), &status), 0) << name;
    return status;
  }
  void copy() {
    const auto done = copy_tree(from.c_str(), to.c_str());
    ASSERT_TRUE(done) << done.error().what.view() << ": " << done.error().found.view();
  }
  static void put(const fs::path& path, const std::string& content, mode_t mode = 0644) {
    ASSERT_TRUE(write_file_atomic(path, content, mode));
  }
  static void set_time(const fs::path& path, time_t seconds, long nanoseconds) {
    const std::array<timespec, 2> times = {timespec{1, 2}, timespec{seconds, nanoseconds}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW), 0);
  }

  const TempDirectory folder = TempDirectory::make(fs::temp_directory_path(), "copy-tree").value();
  const fs::path from = folder.path() / "from", to = folder.path() / "to";
};

TEST_F(CopyTree, KeepsContentModesLinksAndTimes) {
  const std::string large(3'000'001, 'x');
  put(from / "lib/large", large, 0640);
  put(from / "lib/empty", "", 04755);
  ASSERT_EQ(::symlink("/nowhere/at all", (from / "lib/link").c_str()), 0);
  ASSERT_EQ(::mkfifo((from / "lib/pipe").c_str(), 0622), 0);
  ASSERT_EQ(::chmod((from / "lib/app").c_str(), 03770), 0);
  set_time(from / "lib/large", 1700000000, 123456789);
  set_time(from / "lib/link", 1600000000, 1);
  set_time(from / "lib", 1500000000, 7);
  copy();
  EXPECT_EQ(read_file(to / "lib/large", 4U << 20U).value(), large);
  EXPECT_EQ(copied("lib/large").st_mode, S_IFREG | 0640U);
  EXPECT_EQ(copied("lib/large").st_mtim.tv_sec, 1700000000);
  EXPECT_EQ(copied("lib/large").st_mtim.tv_nsec, 123456789);
  EXPECT_EQ(copied("lib/empty").st_mode, S_IFREG | 04755U);
  EXPECT_EQ(copied("lib/pipe").st_mode & static_cast<mode_t>(S_IFMT), static_cast<mode_t>(S_IFIFO));
  EXPECT_EQ(copied("lib/app").st_mode, S_IFDIR | 03770U);
  EXPECT_EQ(fs::read_symlink(to / "lib/link"), "/nowhere/at all");
  EXPECT_EQ(copied("lib/link").st_mtim.tv_sec, 1600000000);
  EXPECT_EQ(copied("lib").st_mtim.tv_sec, 1500000000);  // after its children were made
}

TEST_F(CopyTree, GivesTheTargetTheSourcesOwnMode) {
  ASSERT_EQ(::chmod(from.c_str(), 0711), 0);
  copy();
  EXPECT_EQ(copied(".").st_mode, S_IFDIR | 0711U);
}

TEST_F(CopyTree, KeepsHardLinks) {
  put(from / "one", "text");
  ASSERT_EQ(::link((from / "one").c_str(), (from / "lib/app/two").c_str()), 0);
  put(from / "alone", "text");
  copy();
  EXPECT_EQ(copied("one").st_ino, copied("lib/app/two").st_ino);
  EXPECT_EQ(copied("one").st_nlink, 2U);
  EXPECT_EQ(copied("alone").st_nlink, 1U);
}

TEST_F(CopyTree, KeepsExtendedAttributes) {
  put(from / "file", "text");
  if (::setxattr((from / "file").c_str(), "user.note", "hello", 5, 0) != 0) {
    GTEST_SKIP() << "the file system of the temporary folder has no extended attributes";
  }
  copy();
  std::array<char, 16> value{};
  ASSERT_EQ(::getxattr((to / "file").c_str(), "user.note", value.data(), value.size()), 5);
  EXPECT_STREQ(value.data(), "hello");
}

TEST_F(CopyTree, KeepsOwnersDevicesAndCapabilities) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may make them";
  put(from / "owned", "text", 06755);
  ASSERT_EQ(::chown((from / "owned").c_str(), 33, 44), 0);
  ASSERT_EQ(::chmod((from / "owned").c_str(), 06755), 0);
  // VFS_CAP_REVISION_2, effective, cap_net_raw permitted.
  constexpr std::array<std::uint8_t, 20> kCapability = {1, 0, 0, 2, 0, 0x20};
  ASSERT_EQ(::setxattr((from / "owned").c_str(), "security.capability", kCapability.data(), kCapability.size(), 0), 0);
  ASSERT_EQ(::mknod((from / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  ASSERT_EQ(::symlink("x", (from / "link").c_str()), 0);
  ASSERT_EQ(::lchown((from / "link").c_str(), 5, 6), 0);
  copy();
  EXPECT_EQ(copied("owned").st_uid, 33U);
  EXPECT_EQ(copied("owned").st_gid, 44U);
  EXPECT_EQ(copied("owned").st_mode & 07777U, 06755U);
  std::array<std::uint8_t, 20> capability{};
  ASSERT_EQ(::getxattr((to / "owned").c_str(), "security.capability", capability.data(), capability.size()), 20);
  EXPECT_EQ(capability, kCapability);
  EXPECT_EQ(copied("null").st_rdev, makedev(1, 3));
  EXPECT_EQ(copied("link").st_uid, 5U);
  EXPECT_EQ(copied("link").st_gid, 6U);
}

TEST_F(CopyTree, RefusesToOverwrite) {
  put(from / "file", "new");
  put(to / "file", "old");
  const auto done = copy_tree(from.c_str(), to.c_str());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what.view(), "creating the copy of \"" + (from / "file").string() + "\"");
  EXPECT_EQ(done.error().found.view(), "EEXIST (17)");
  EXPECT_EQ(read_file(to / "file", 100).value(), "old");
}

TEST_F(CopyTree, RefusesATreeThatIsTooDeep) {
  fs::path deep = from;
  for (int i = 0; i < 70; ++i) deep /= "d";
  ASSERT_TRUE(make_directories(deep));
  EXPECT_FALSE(copy_tree(from.c_str(), to.c_str()));
}

TEST_F(CopyTree, FailsOnASourceThatIsNotThere) {
  EXPECT_FALSE(copy_tree((folder.path() / "nowhere").c_str(), to.c_str()));
}

}  // namespace
}  // namespace reburst::boot
