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

TEST_F(GptDisk, LeavesRoomForTheBackup) {
  EXPECT_EQ(disk_size_for(3 * kMebibyte - 33 * 512), 3 * kMebibyte);
  EXPECT_EQ(disk_size_for(3 * kMebibyte - 33 * 512 + 1), 4 * kMebibyte);
}

}  // namespace reburst::image
