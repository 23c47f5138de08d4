#include "builder/inspect/compare.hpp"

#include "builder/image/bytes.hpp"
#include "builder/image/fat.hpp"
#include "small_release.hpp"

namespace reburst::inspect {

using image::kBlock;
using image::testing::need;
using image::testing::noise;
namespace testing = image::testing;

// One change, and what is told of it.
class CompareDisk : public SmallRelease {
 protected:
  std::vector<Difference> compare() const { return need(compare_disk(disk(), expected_, 2)); }
  // The only difference, as one line.
  std::string only() const {
    const auto found = compare();
    if (found.size() != 1) return std::to_string(found.size()) + " differences:\n" + to_text(found);
    const auto& one = found[0];
    return one.part + ": " + one.what + ": " + std::to_string(one.start) + "-" + std::to_string(one.end) + ": a boot " +
           one.boot;
  }
  static std::string bytes(std::uint64_t start, std::uint64_t size) {
    return std::to_string(start) + "-" + std::to_string(start + size);
  }
};

TEST_F(CompareDisk, TheReleasesOwnDiskHasNone) {
  EXPECT_EQ(to_text(compare()), "");
}

TEST_F(CompareDisk, AByteOfAFileNamesTheFileAndItsPackage) {
  flip(large_ + 3 * kBlock + 17);
  const auto found = compare();
  EXPECT_EQ(to_text(found), "  where:     the root partition, bytes " + std::to_string(large_ + 3 * kBlock) + " to " +
                                std::to_string(large_ + 4 * kBlock) + " of the disk\n  what:      block " +
                                std::to_string((large_ - layout().root.start) / kBlock + 3) +
                                " of the root file system\n  file:      /usr/bin/large, from its byte 12288 on\n"
                                "  package:   coreutils\n"
                                "  a boot:    stops when it reads this, and does not come up where the scan is on");
  EXPECT_EQ(to_json(found).at("difference_count"), 1);
  const Json json = to_json(found).at("differences").at(0);
  EXPECT_EQ(json.at("part"), "root");
  EXPECT_EQ(json.at("file"), "/usr/bin/large");
  EXPECT_EQ(json.at("package"), "coreutils");
  EXPECT_EQ(json.at("file_offset"), 12288);
}

TEST_F(CompareDisk, AFileThatNoPackageOwns) {
  const auto list = testing::read(folder_ / "out/web.files");
  const auto line = list.substr(0, list.find("\"path\":\"/usr/bin/other\""));
  flip(std::stoull(line.substr(line.rfind("\"offset\":") + 9)) + 4999);
  const auto found = compare();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].file, "/usr/bin/other");
  EXPECT_EQ(found[0].file_offset, 4096U);
  EXPECT_THAT(to_text(found), ::testing::HasSubstr("\n  package:   none owns it\n"));
}

TEST_F(CompareDisk, ARangeIsTakenApartByFile) {
  const auto large_end = large_ + image::round_up(3'000'000, kBlock);
  flip(large_end - kBlock);
  flip(large_end - kBlock - 1);
  flip(large_end);
  const auto found = compare();
  ASSERT_EQ(found.size(), 2U) << to_text(found);
  EXPECT_EQ(found[0].end - found[0].start, 2 * kBlock);
  EXPECT_EQ(found[0].file, "/usr/bin/large");
  EXPECT_NE(found[1].file, "/usr/bin/large");
  EXPECT_THAT(to_text(found), ::testing::HasSubstr("\n  and also:  root"));
}

TEST_F(CompareDisk, FileSystemsOwnStructures) {
  flip(layout().root.start + 1024 + 90);
  const auto found = compare();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].start, layout().root.start);
  EXPECT_EQ(found[0].file, "");
  EXPECT_EQ(found[0].owner, "none: the file system's own structures");
}

TEST_F(CompareDisk, WithoutTheListNoFileIsNamed) {
  expected_.files.reset();
  flip(large_);
  EXPECT_EQ(compare().at(0).owner, "not known without the release's file list, which \"reburst pull --all\" brings");
  expected_.files = "{\"path\":\"/\"}\n";
  EXPECT_EQ(compare().at(0).owner, "not known: a compressed file system keeps no file in one piece");
}

TEST_F(CompareDisk, TheHashTree) {
  const auto leaf = layout().verity.start + 2 * kBlock;
  flip(leaf + 40);
  EXPECT_EQ(only(), "verity: block 2 of the hash tree: " + bytes(leaf, kBlock) +
                        ": a boot stops when it reads what this block covers");
  flip(leaf + 40);
  flip(layout().verity.start + kBlock + 3);
  EXPECT_EQ(only(), "verity: block 1 of the hash tree: " + bytes(layout().verity.start + kBlock, kBlock) +
                        ": a boot stops when it reads what this block covers");
}

TEST_F(CompareDisk, DataAndItsHashWhereNothingProvesWhich) {
  flip(layout().verity.start + kBlock + 3);  // the block under the root hash
  flip(large_);
  const auto found = compare();
  ASSERT_EQ(found.size(), 2U) << to_text(found);
  EXPECT_EQ(found[0].file, "/usr/bin/large");
  EXPECT_THAT(found[0].what, ::testing::EndsWith(" of the root file system, or its hash"));
  EXPECT_EQ(found[1].part, "verity");
}

TEST_F(CompareDisk, AnotherReleasesRootAndTree) {
  expected_.verity.root_hash.bytes[0] ^= 1U;
  const auto found = compare();
  ASSERT_EQ(found.size(), 3U) << to_text(found);  // and its super block
  EXPECT_EQ(found[0].what, "file system and hash tree are not this release's");
  EXPECT_EQ(found[0].end, layout().root.start + layout().root.size);
}

TEST_F(CompareDisk, TheSuperBlockOfTheTree) {
  flip(layout().verity.start + 17);
  EXPECT_EQ(only(), "verity: the hash tree's super block: " + bytes(layout().verity.start, kBlock) +
                        ": a boot does not read this");
}

TEST_F(CompareDisk, ThePrimaryTable) {
  flip(512 + 16);
  EXPECT_EQ(only(), "table: the primary table's header: 528-529: a boot finds its partitions all the same");
  flip(512 + 16);
  flip(1024 + 128 + 16);  // PARTUUID of the verity partition; the second table still has it
  EXPECT_EQ(only(),
            "table: entry 2 (verity) of the primary table: 1168-1169: a boot finds its partitions all the same");
  flip(1024 + 128 + 16);
  flip(447);
  EXPECT_EQ(only(), "table: the protective MBR: 447-448: a boot finds its partitions all the same");
}

TEST_F(CompareDisk, TheSecondTable) {
  flip(layout().size - 500);
  EXPECT_EQ(only(), "table: the second table's header: " + bytes(layout().size - 500, 1) +
                        ": a boot finds its partitions all the same");
}

TEST_F(CompareDisk, BothTables) {
  flip(512);
  flip(layout().size - 512);
  const auto found = compare();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].boot, "finds no partitions, and stops");
}

TEST_F(CompareDisk, TablesThatAreWholeAndNotTheReleases) {
  const auto write = [&](const std::vector<image::Partition>& partitions) {
    const auto table =
        image::make_gpt(partitions, image::derived_uuid("reburst disk", manifest_.root_hash.hex()), layout().size);
    const Fd fd(::open(disk().c_str(), O_RDWR | O_CLOEXEC));
    need(write_at(fd.get(), 0, table.head, "disk"));
    return compare().at(0).boot;
  };
  auto slack = layout().root;
  slack.size += kBlock;
  EXPECT_EQ(write({slack, layout().verity, layout().esp}), "finds a root partition of " + std::to_string(slack.size) +
                                                               " bytes instead of " +
                                                               std::to_string(layout().root.size) + ", and stops");
  auto twin = layout().root;
  twin.start = layout().esp.start;
  EXPECT_EQ(write({layout().root, layout().verity, twin}), "finds 2 root partitions instead of one, and stops");
  EXPECT_EQ(write({layout().root, layout().verity, layout().esp, twin}), "finds its partitions all the same")
      << "by the second table, as two overlap in the first";
  EXPECT_EQ(write({layout().root, layout().esp}), "finds 0 verity partitions instead of one, and stops");
  EXPECT_EQ(write({layout().root, layout().verity}), "ends in the firmware, which finds no ESP");
  auto moved = layout().verity;
  moved.start += kBlock;
  EXPECT_EQ(write({layout().root, moved, layout().esp}), "looks for the verity partition at another place, and stops");
  EXPECT_EQ(write({layout().root, twin, layout().verity}), "finds 2 root partitions instead of one, and stops");
}

TEST_F(CompareDisk, BytesBetweenThePartitions) {
  const auto at = layout().root.start + layout().root.size;
  flip(at);
  EXPECT_EQ(only(), "gap: the gap before the verity partition is not all zeros: " + bytes(at, 1) +
                        ": a boot does not read this");
}

TEST_F(CompareDisk, TheBootProgram) {
  const auto at = layout().esp.start + image::esp_program_offset(expected_.program.size()) + 5000;
  flip(at);
  EXPECT_EQ(only(), "esp: another boot program than the release's: " + bytes(at, 1) +
                        ": a boot starts it: it needs no signature");
  expected_.signature = image::BootSignature{};
  EXPECT_EQ(only(), "esp: another boot program than the release's: " + bytes(at, 1) +
                        ": a boot ends in the firmware, where Secure Boot is on");
}

TEST_F(CompareDisk, TheRestOfTheEsp) {
  flip(layout().esp.start + 3);
  EXPECT_EQ(only(), "esp: the FAT file system's own structures: " + bytes(layout().esp.start + 3, 1) +
                        ": a boot starts the release's boot program all the same");
  flip(layout().esp.start + 3);
  flip(layout().esp.start + layout().esp.size - 1);
  EXPECT_EQ(only(), "esp: the FAT file system's free space: " + bytes(layout().esp.start + layout().esp.size - 1, 1) +
                        ": a boot does not read this");
}

TEST_F(CompareDisk, ABootProgramThatCannotBeFound) {
  replace(layout().esp.start + 510, std::string_view("\0\0", 2));
  EXPECT_EQ(only(), "esp: the FAT file system's own structures: " + bytes(layout().esp.start + 510, 2) +
                        ": a boot finds no boot program");
}

TEST_F(CompareDisk, ADiskThatIsCutShort) {
  const auto cut = [&](std::uint64_t size) {
    EXPECT_EQ(::truncate(disk().c_str(), static_cast<off_t>(size)), 0);
    return only();
  };
  const auto text = [&](const std::string& part, std::uint64_t at) {
    return part + ": it ends here, " + std::to_string(layout().size - at) +
           " bytes too early: " + bytes(at, layout().size - at) + ": a boot finds no partitions, and stops";
  };
  EXPECT_THAT(cut(layout().size - 512), ::testing::EndsWith(": a boot finds its partitions all the same"));
  for (const auto& [part, at] :
       std::vector<std::pair<std::string, std::uint64_t>>{{"table", layout().size - 40 * 512},
                                                          {"esp", layout().esp.start + 4096},
                                                          {"verity", layout().verity.start + 4096},
                                                          {"root", layout().root.start + 4096},
                                                          {"table", 512},
                                                          {"table", 0}})
    EXPECT_EQ(cut(at), text(part, at));
}

TEST_F(CompareDisk, ADiskThatIsTooLong) {
  const auto size = layout().size;
  EXPECT_EQ(::truncate(disk().c_str(), static_cast<off_t>(size + 512)), 0);
  EXPECT_EQ(only(), "end: it is 512 bytes longer than the image: " + bytes(size, 512) + ": a boot does not read this");
}

TEST_F(CompareDisk, WhatIsExpectedHasToBeTheReleases) {
  const auto refused = [&](const describe::Manifest& manifest) {
    const auto found = read_expected(folder_ / "out", manifest);
    return found ? "" : found.error().message;
  };
  auto other = manifest_;
  other.root_hash.bytes[0] ^= 1U;
  EXPECT_EQ(refused(other),
            "the boot program of web 20260711T101637Z would boot another root: " + manifest_.root_hash.hex());
  other = manifest_;
  other.artifacts[0].size += 512;
  EXPECT_EQ(refused(other), "the disk of web 20260711T101637Z has " + std::to_string(layout().size + 512) +
                                " bytes, and by its boot program " + std::to_string(layout().size));
  other = manifest_;
  other.artifacts.erase(other.artifacts.begin());
  EXPECT_EQ(refused(other), "the release has no disk");
  const auto list = folder_ / "out/web.files";
  testing::write(list, std::string(fs::file_size(list), ' '));
  EXPECT_EQ(refused(manifest_), "\"" + list.string() + "\" is not the file of the release");
}

}  // namespace reburst::inspect
