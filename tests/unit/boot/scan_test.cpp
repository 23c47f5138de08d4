#include "boot/scan.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/file.hpp"

namespace reburst::boot {
namespace {

class ScanTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(write_file_atomic(file_, std::string(kSize, 'x'))); }
  Result<Scan> scan(std::uint64_t size, unsigned readers) {
    return scan_device(file_.c_str(), "/dev/vda1", size, readers, [] { return false; });
  }

  static constexpr std::size_t kSize = (5U << 20U) + 3 * 4096;
  // Beside the program: a tmpfs has no direct reads in every kernel.
  TempDirectory folder_ = TempDirectory::make(fs::current_path(), "scan").value();
  fs::path file_ = folder_.path() / "disk";
};

TEST_F(ScanTest, ReadsEveryByteWhateverTheNumberOfReaders) {
  for (const unsigned readers : {1U, 2U, 7U, 100U}) {
    const auto done = scan(kSize, readers);
    ASSERT_TRUE(done) << readers << ": " << done.error().found.view();
    EXPECT_EQ(done->bytes, kSize);
  }
}

TEST_F(ScanTest, NamesTheFirstByteThatCannotBeRead) {
  for (const unsigned readers : {1U, 3U}) {
    const auto done = scan(kSize + 8192, readers);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().what.view(), "reading all of the root, /dev/vda1");
    EXPECT_EQ(done.error().expected.view(), "every block readable");
    EXPECT_EQ(done.error().found.view(), "at byte " + std::to_string(kSize) + ": the end of the device");
    EXPECT_EQ(done.error().advice.view(),
              "the disk or the way to it fails: write the release's disk image to another disk");
  }
}

TEST_F(ScanTest, SaysWhetherTheBlockIsThereAndAnother) {
  const auto done = scan_device(file_.c_str(), "/dev/vda1", kSize + 8192, 2, [] { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what.view(), "reading all of the root, /dev/vda1");
  EXPECT_EQ(done.error().expected.view(), "every block as the root hash says");
  EXPECT_EQ(done.error().found.view(),
            "at byte " + std::to_string(kSize) + ": other bytes, there or in the hash tree above");
  EXPECT_EQ(done.error().advice.view(),
            "write the release's disk image again; \"reburst verify DISK\" says what differs");
}

TEST_F(ScanTest, SaysWhyADeviceCannotBeOpened) {
  fs::remove(file_);
  const auto done = scan(kSize, 2);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what.view(), "reading all of the root, \"/dev/vda1\"");
  EXPECT_EQ(done.error().found.view(), "ENOENT (2)");
}

TEST(Scan, HasAReaderAtLeast) {
  EXPECT_GE(count_readers(), 1U);
  EXPECT_LE(count_readers(), 16U);
}

}  // namespace
}  // namespace reburst::boot
