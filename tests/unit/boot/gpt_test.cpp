#include "boot/gpt.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::boot {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kSectors = 4096;

class Buffer final : public SectorReader {
 public:
  explicit Buffer(const Bytes& bytes) : bytes_(bytes) {}
  bool read(std::uint64_t offset, std::span<std::uint8_t> into) override {
    if (offset > bytes_.size() || bytes_.size() - offset < into.size()) return false;
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
    return true;
  }

 private:
  const Bytes& bytes_;
};

// A disk of 2 MiB that sfdisk partitioned: an independent writer of the format.
const Bytes& sfdisk_disk() {
  static const Bytes disk = [] {
    const auto folder = TempDirectory::make(fs::temp_directory_path(), "gpt").value();
    const auto file = folder.path() / "disk";
    EXPECT_TRUE(write_file_atomic(file, std::string(kSectors * 512, '\0')));
    Command sfdisk;
    sfdisk.argv = {"sfdisk", "-q", file.string()};
    sfdisk.input =
        "label: gpt\nfirst-lba: 34\n"
        "start=64, size=100, type=4f68bce3-e8cd-4db1-96e7-fbcaf984b709, uuid=7cc914d2-7eae-61a8-9919-fe23d779a443, "
        "name=root\n"
        "start=200, size=8, type=2c7357ed-ebd2-46d9-aec1-23d437ec2bf5, uuid=a8a0b3f2-6331-8eec-6325-da703243ef14, "
        "name=\"dä ta\"\n";
    const auto exit = reburst::run(sfdisk);
    EXPECT_TRUE(exit && exit->status == 0) << (exit ? exit->error : exit.error().message);
    const std::string text = read_file(file, kSectors * 512).value();
    return Bytes(text.begin(), text.end());
  }();
  return disk;
}

bool read_table(const Bytes& bytes, Gpt& gpt) {
  Buffer buffer(bytes);
  return read_gpt(buffer, bytes.size(), 512, gpt);
}

void expect_both_partitions(const Gpt& gpt) {
  ASSERT_EQ(gpt.count, 2U);
  EXPECT_EQ(gpt.entries[0].partuuid.text().view(), "7cc914d2-7eae-61a8-9919-fe23d779a443");
  EXPECT_EQ(gpt.entries[0].label.view(), "root");
  EXPECT_EQ(gpt.entries[0].number, 1U);
  EXPECT_EQ(gpt.entries[0].first_sector, 64U);
  EXPECT_EQ(gpt.entries[0].sectors, 100U);
  EXPECT_EQ(gpt.entries[1].partuuid.text().view(), "a8a0b3f2-6331-8eec-6325-da703243ef14");
  EXPECT_EQ(gpt.entries[1].label.view(), "d? ta");
  EXPECT_EQ(gpt.entries[1].number, 2U);
  EXPECT_EQ(gpt.entries[1].sectors, 8U);
}

TEST(Gpt, ReadsWhatSfdiskWrote) {
  Gpt gpt;
  ASSERT_TRUE(read_table(sfdisk_disk(), gpt));
  expect_both_partitions(gpt);
}

TEST(Gpt, ReadsTheBackupWhenThePrimaryIsDamaged) {
  for (const std::size_t place : {512 + 0, 512 + 16, 512 + 30, 512 + 72, 1024 + 40}) {
    Bytes disk = sfdisk_disk();
    disk[place] ^= 1U;
    Gpt gpt;
    ASSERT_TRUE(read_table(disk, gpt)) << place;
    expect_both_partitions(gpt);
  }
}

TEST(Gpt, RefusesWhenBothAreDamaged) {
  const std::size_t backup = (kSectors - 1) * 512;
  for (const std::size_t place : {0, 8, 12, 16, 24, 40, 48, 72, 80, 84, 88}) {
    Bytes disk = sfdisk_disk();
    disk[512 + place] ^= 1U;
    disk[backup + place] ^= 1U;
    Gpt gpt;
    EXPECT_FALSE(read_table(disk, gpt)) << place;
    EXPECT_EQ(gpt.count, 0U);
  }
}

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) * 0xedb88320U);
  }
  return ~crc;
}

// Both tables with the first entry's last sector moved, and every checksum right again.
Bytes with_first_ending_at(std::uint64_t last) {
  Bytes disk = sfdisk_disk();
  const std::size_t tables[] = {1024, (kSectors - 33) * 512};
  const std::size_t headers[] = {512, (kSectors - 1) * 512};
  for (int i = 0; i < 2; ++i) {
    std::memcpy(&disk[tables[i] + 40], &last, sizeof last);
    const std::uint32_t table = crc32(std::span(disk).subspan(tables[i], 128 * 128));
    std::memcpy(&disk[headers[i] + 88], &table, sizeof table);
    std::memset(&disk[headers[i] + 16], 0, 4);
    const std::uint32_t header = crc32(std::span(disk).subspan(headers[i], 92));
    std::memcpy(&disk[headers[i] + 16], &header, sizeof header);
  }
  return disk;
}

TEST(Gpt, RefusesPartitionsThatShareASector) {
  Gpt gpt;
  ASSERT_TRUE(read_table(with_first_ending_at(163), gpt));
  expect_both_partitions(gpt);
  ASSERT_TRUE(read_table(with_first_ending_at(199), gpt));
  EXPECT_EQ(gpt.entries[0].sectors, 136U);
  for (const std::uint64_t last : {200U, 207U, 300U}) EXPECT_FALSE(read_table(with_first_ending_at(last), gpt)) << last;
}

TEST(Gpt, RefusesADiskThatIsCutShort) {
  Gpt gpt;
  for (const std::size_t sectors : {0U, 1U, 2U, 5U, 6U, 20U, 100U}) {
    Bytes disk = sfdisk_disk();
    disk.resize(sectors * 512);
    EXPECT_FALSE(read_table(disk, gpt)) << sectors;
  }
}

TEST(Gpt, RefusesASectorSizeThatNoDiskHas) {
  const Bytes& disk = sfdisk_disk();
  Buffer buffer(disk);
  Gpt gpt;
  for (const std::uint32_t size : {0U, 1U, 256U, 8192U}) EXPECT_FALSE(read_gpt(buffer, disk.size(), size, gpt)) << size;
}

}  // namespace
}  // namespace reburst::boot
