#include "boot/fresh_volume.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/file.hpp"

namespace reburst::boot {
namespace {

class FreshVolume : public ::testing::Test {
 protected:
  FreshVolume() {
    EXPECT_EQ(::chmod(volume.path().c_str(), 0755), 0);
    mount_point.st_mode = S_IFDIR | 02750;
    mount_point.st_uid = ::geteuid() == 0 ? 33 : ::geteuid();
    mount_point.st_gid = ::geteuid() == 0 ? 44 : ::getegid();
  }
  struct stat adopted() {
    const Fd folder(::open(volume.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto done = adopt_if_fresh(folder.get(), "data", mount_point);
    EXPECT_TRUE(done) << done.error().what.view();
    struct stat status {};
    EXPECT_EQ(::fstat(folder.get(), &status), 0);
    return status;
  }

  const TempDirectory volume = TempDirectory::make(fs::temp_directory_path(), "volume").value();
  struct stat mount_point {};
};

TEST_F(FreshVolume, TakesOwnerAndModeOfItsMountPoint) {
  ASSERT_EQ(::mkdir((volume.path() / "lost+found").c_str(), 0700), 0);
  const auto status = adopted();
  EXPECT_EQ(status.st_mode, S_IFDIR | 02750U);
  EXPECT_EQ(status.st_uid, mount_point.st_uid);
  EXPECT_EQ(status.st_gid, mount_point.st_gid);
}

TEST_F(FreshVolume, WithoutLostAndFoundIsFreshToo) {
  EXPECT_EQ(adopted().st_mode, S_IFDIR | 02750U);
}

TEST_F(FreshVolume, ThatHoldsAnythingIsLeftAsItIs) {
  ASSERT_TRUE(write_file_atomic(volume.path() / ".hidden", ""));
  EXPECT_EQ(adopted().st_mode, S_IFDIR | 0755U);
}

TEST_F(FreshVolume, ThatCannotBeListedStopsTheBoot) {
  const auto done = adopt_if_fresh(-1, "data", mount_point);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what.view(), "listing the state volume \"data\"");
  EXPECT_EQ(done.error().found.view(), "EBADF (9)");
}

}  // namespace
}  // namespace reburst::boot
