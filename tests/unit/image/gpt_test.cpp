#include "builder/image/gpt.hpp"

#include <unistd.h>

#include "core/json.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::need;
using testing::tool;

class GptDisk : public FolderTest {
 protected:
  fs::path write_disk(const std::vector<Partition>& partitions, std::uint64_t size) {
    const Gpt gpt = make_gpt(partitions, "ad3b361d-7886-8a1a-abd1-2e13fbd8e5d3"_uuid, size);
    const Fd fd = need(open_write(folder_ / "disk"));
    EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(size)), 0);
    need(write_at(fd.get(), 0, gpt.head, "disk"));
    need(write_at(fd.get(), size - gpt.tail.size(), gpt.tail, "disk"));
    return folder_ / "disk";
  }
  const std::vector<Partition> partitions_{
      {kRootType, "11112222-3333-4444-5555-666677778888"_uuid, "web_20260711T101637Z", true, kMebibyte, 40960},
      {kEspType, "aaaabbbb-cccc-dddd-eeee-ffff00001111"_uuid, std::string(40, 'n'), false, 2 * kMebibyte, kMebibyte}};
};

TEST_F(GptDisk, SfdiskReadsIt) {
  const fs::path disk = write_disk(partitions_, disk_size_for(3 * kMebibyte));
  EXPECT_EQ(fs::file_size(disk), 4 * kMebibyte);
  EXPECT_THAT(tool({"sfdisk", "--verify", disk.string()}), ::testing::HasSubstr("No errors detected"));
  const Json table = need(parse_json(tool({"sfdisk", "-J", disk.string()}), "sfdisk")).at("partitiontable");
  EXPECT_EQ(table.at("label"), "gpt");
  EXPECT_EQ(table.at("id"), "AD3B361D-7886-8A1A-ABD1-2E13FBD8E5D3");
  const Json& root = table.at("partitions").at(0);
  EXPECT_EQ(root.at("start"), 2048);
  EXPECT_EQ(root.at("size"), 80);
  EXPECT_EQ(root.at("type"), "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709");
  EXPECT_EQ(root.at("uuid"), "11112222-3333-4444-5555-666677778888");
  EXPECT_EQ(root.at("name"), "web_20260711T101637Z");
  EXPECT_EQ(root.at("attrs"), "GUID:60");
  const Json& esp = table.at("partitions").at(1);
  EXPECT_EQ(esp.at("name"), std::string(36, 'n'));
  EXPECT_FALSE(esp.contains("attrs"));
}

TEST_F(GptDisk, TheBackupServesWhenThePrimaryIsLost) {
  const fs::path disk = write_disk(partitions_, disk_size_for(3 * kMebibyte));
  std::string bytes = testing::read(disk);
  bytes.replace(512, 512, std::string(512, '\0'));
  testing::write(disk, bytes);
  EXPECT_THAT(tool({"sfdisk", "-d", disk.string()}), ::testing::HasSubstr("11112222-3333-4444-5555-666677778888"));
}

// What was written comes back: names cut, the rest as it was.
TEST_F(GptDisk, ReadsWhatItWrote) {
  const auto size = disk_size_for(3 * kMebibyte);
  const auto disk = write_disk(partitions_, size);
  const auto bytes = testing::read(disk);
  const auto expect_read = [&](std::string changed, const char* what) {
    testing::write(disk, changed);
    const Fd fd = need(open_read(disk));
    const auto found = read_gpt(fd.get(), size);
    ASSERT_TRUE(found) << what;
    ASSERT_EQ(found->size(), 2U) << what;
    EXPECT_EQ(found->at(0).type, kRootType) << what;
    EXPECT_EQ(found->at(0).uuid, partitions_[0].uuid) << what;
    EXPECT_EQ(found->at(0).name, "web_20260711T101637Z") << what;
    EXPECT_TRUE(found->at(0).read_only) << what;
    EXPECT_EQ(found->at(0).start, kMebibyte) << what;
    EXPECT_EQ(found->at(0).size, 40960U) << what;
    EXPECT_EQ(found->at(1).name, std::string(36, 'n')) << what;
  };
  expect_read(bytes, "as it was written");
  for (const std::size_t at : {512U, 512U + 24U, 512U + 90U, 1024U + 3U}) {
    auto changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    expect_read(changed, "by the backup");
  }
  auto both = bytes;
  both[1024] = static_cast<char>(both[1024] ^ 1);
  both[both.size() - 512] = 'x';
  testing::write(disk, both);
  const Fd fd = need(open_read(disk));
  const auto found = read_gpt(fd.get(), size);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(found.error().message, "the disk has no whole partition table");
}

TEST_F(GptDisk, APartitionOutsideTheDiskIsRefused) {
  const auto size = disk_size_for(3 * kMebibyte);
  auto outside = partitions_;
  outside[1].size = 64 * kMebibyte;
  const auto disk = write_disk(outside, size);
  const Fd fd = need(open_read(disk));
  EXPECT_FALSE(read_gpt(fd.get(), size));
  EXPECT_FALSE(read_gpt(fd.get(), 0)) << "and a disk of nothing";
}

TEST_F(GptDisk, LeavesRoomForTheBackup) {
  EXPECT_EQ(disk_size_for(3 * kMebibyte - 33 * 512), 3 * kMebibyte);
  EXPECT_EQ(disk_size_for(3 * kMebibyte - 33 * 512 + 1), 4 * kMebibyte);
}

}  // namespace reburst::image
