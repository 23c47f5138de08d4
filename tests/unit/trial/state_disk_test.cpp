#include "trial/state_disk.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/process.hpp"

namespace reburst::trial {
namespace {

std::string tool(const std::vector<std::string>& argv) {
  Command command;
  command.argv = argv;
  const auto exit = reburst::run(command);
  EXPECT_TRUE(exit && exit->status == 0) << (exit ? exit->out + exit->error : exit.error().render());
  return exit ? exit->out : "";
}

TEST(StateDisk, HasOneSoundFileSystemForEachVolume) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "state").value();
  const auto disk = folder.path() / "state.raw";
  const auto done = write_state_disk({{"/srv", "data"}, {"/home", "homes"}}, disk);
  ASSERT_TRUE(done) << done.error().render();
  const Json table = parse_json(tool({"sfdisk", "-J", disk.string()}), "sfdisk").value().at("partitiontable");
  ASSERT_EQ(table.at("partitions").size(), 2U);
  EXPECT_EQ(table.at("partitions").at(0).at("name"), "data");
  EXPECT_EQ(table.at("partitions").at(1).at("name"), "homes");
  for (const Json& partition : table.at("partitions")) {
    const auto start = partition.at("start").get<std::uint64_t>() * 512;
    EXPECT_EQ(partition.at("size").get<std::uint64_t>() * 512, 256U << 20U);
    tool({"e2fsck", "-f", "-n", disk.string() + "?offset=" + std::to_string(start)});
  }
}

}  // namespace
}  // namespace reburst::trial
