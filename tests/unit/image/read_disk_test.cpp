#include "builder/image/read_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "builder/image/gpt.hpp"
#include "builder/image/verity.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::need;

// A disk as make_image() lays it out, but of noise: data, its hash tree, and the UUIDs that the root hash gives.
class ReadDisk : public FolderTest {
 protected:
  static constexpr std::uint64_t kBlocks = 300;
  static constexpr std::uint64_t kData = 1U << 20U, kDataSize = kBlocks * 4096, kTree = 4U << 20U;

  ReadDisk() {
    const auto tree_size = verity_blocks(kBlocks) * 4096;
    size_ = disk_size_for(kTree + tree_size);
    const Fd fd = need(open_write(disk_));
    EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(size_)), 0);
    const auto data = testing::noise(kDataSize, 1);
    need(write_at(fd.get(), kData, std::as_bytes(std::span(data)), "disk"));
    const Fd both(::open(disk_.c_str(), O_RDWR | O_CLOEXEC));
    hash_ = need(write_verity(both.get(), kData, kBlocks, both.get(), kTree, 2)).root_hash;
    const auto bytes = std::as_bytes(std::span(hash_.bytes));
    partitions_ = {{kRootType, uuid_from(bytes.first<16>()), "web_20260711T101637Z", true, kData, kDataSize},
                   {kRootVerityType, uuid_from(bytes.last<16>()), "web_20260711T101637Z", true, kTree, tree_size}};
    write_table(partitions_);
  }

  void write_table(const std::vector<Partition>& partitions) {
    const Gpt gpt = make_gpt(partitions, "ad3b361d-7886-8a1a-abd1-2e13fbd8e5d3"_uuid, size_);
    const Fd fd(::open(disk_.c_str(), O_RDWR | O_CLOEXEC));
    need(write_at(fd.get(), 0, gpt.head, "disk"));
    need(write_at(fd.get(), size_ - gpt.tail.size(), gpt.tail, "disk"));
  }

  void expect_refused(const std::string& message) {
    const auto found = disk_root_hash(disk_, 2);
    ASSERT_FALSE(found) << message;
    EXPECT_EQ(found.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(found.error().message, message);
  }

  fs::path disk_ = folder_ / "disk";
  std::uint64_t size_ = 0;
  Digest hash_;
  std::vector<Partition> partitions_;
};

TEST_F(ReadDisk, GivesTheRootHash) {
  EXPECT_EQ(need(disk_root_hash(disk_, 2)), hash_);
  EXPECT_EQ(need(disk_root_hash(disk_, 1)), hash_);
}

TEST_F(ReadDisk, OneChangedByteOfTheDataIsFound) {
  const Fd fd(::open(disk_.c_str(), O_RDWR | O_CLOEXEC));
  need(write_at(fd.get(), kData + 5 * 4096 + 17, std::as_bytes(std::span("!", 1)), "disk"));
  const auto found = disk_root_hash(disk_, 2);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kIntegrity);
  EXPECT_THAT(found.error().message,
              ::testing::StartsWith("the root file system and its hash tree differ in the bytes from "));
}

TEST_F(ReadDisk, OneChangedByteOfTheTreeIsFound) {
  const Fd fd(::open(disk_.c_str(), O_RDWR | O_CLOEXEC));
  need(write_at(fd.get(), kTree + 4096 + 100, std::as_bytes(std::span("!", 1)), "disk"));
  EXPECT_FALSE(disk_root_hash(disk_, 2));
}

TEST_F(ReadDisk, TheUuidsAreThoseOfTheRootHash) {
  auto changed = partitions_;
  changed[1].uuid.bytes[3] = changed[1].uuid.bytes[3] ^ std::byte{1};
  write_table(changed);
  expect_refused("the partitions' UUIDs are not those of the root hash");
}

TEST_F(ReadDisk, ThereIsExactlyOneOfEach) {
  auto two = partitions_;
  two.push_back(two[0]);
  two.back().start = 5U << 19U;
  write_table(two);
  expect_refused("the disk has 2 root partitions instead of one");
  write_table({partitions_[0]});
  expect_refused("the disk has 0 verity partitions instead of one");
  two.back().start = two[0].start;
  write_table(two);
  expect_refused("the disk has no whole partition table");
}

TEST_F(ReadDisk, SaysItsName) {
  EXPECT_EQ(disk_name(disk_), "web_20260711T101637Z");
  testing::write(disk_, "no disk at all");
  EXPECT_EQ(disk_name(disk_), "");
  EXPECT_EQ(disk_name(folder_ / "nowhere"), "");
}

}  // namespace reburst::image
