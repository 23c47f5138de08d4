#include "builder/image/archives.hpp"

#include "tools.hpp"

namespace reburst::image {

using testing::ar;
using testing::FolderTest;
using testing::need;
using testing::noise;
using testing::tar_file;

class PackageMember : public FolderTest {
 protected:
  Result<std::string> read_from(const std::string& data, std::uint64_t limit = 1000) {
    testing::write(folder_ / "p.deb",
                   ar({{"debian-binary", "2.0\n"}, {"control.tar", tar_file("./control", "x")}, {"data.tar", data}}));
    return read_package_member(folder_ / "p.deb", "usr/lib/stub", limit);
  }
  const std::string end_ = std::string(1024, '\0');
};

TEST_F(PackageMember, IsFoundAmongOthers) {
  EXPECT_EQ(need(read_from(tar_file("./usr/bin/x", "no") + tar_file("./usr/lib/stub", "yes") + end_)), "yes");
}

TEST_F(PackageMember, ReadsWhatDpkgDebWrites) {
  testing::write(folder_ / "tree/usr/lib/stub", noise(5000, 1));
  testing::write(folder_ / "tree/DEBIAN/control",
                 "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: n <n@example.org>\nDescription: d\n");
  fs::permissions(folder_ / "tree/DEBIAN", fs::perms{0755});
  for (const std::string compression : {"xz", "gzip", "zstd"}) {
    testing::tool({"dpkg-deb", "--root-owner-group", "-Z" + compression, "-b", (folder_ / "tree").string(),
                   (folder_ / "p.deb").string()});
    EXPECT_EQ(need(read_package_member(folder_ / "p.deb", "usr/lib/stub", 5000)), noise(5000, 1)) << compression;
  }
}

TEST_F(PackageMember, HostilePackagesAreRefused) {
  const std::string name = "cannot read \"" + (folder_ / "p.deb").string() + "\": ";
  EXPECT_EQ(read_from(tar_file("./usr/lib/other", "x") + end_).error().message, name + "it has no \"/usr/lib/stub\"");
  EXPECT_EQ(read_from(tar_file("./usr/lib/stub", "/etc/shadow", '2') + end_).error().message,
            name + "\"/usr/lib/stub\" is not a regular file");
  EXPECT_EQ(read_from(tar_file("./usr/lib/stub", "./x", '1') + end_).error().message,
            name + "\"/usr/lib/stub\" is not a regular file");
  EXPECT_EQ(read_from(tar_file("./usr/lib/stub", noise(1001, 1)) + end_).error().message,
            name + "its content is larger than 1000 bytes");
  EXPECT_FALSE(read_from(tar_file("./usr/lib/stub", noise(900, 1)).substr(0, 600)).has_value());
  EXPECT_FALSE(read_from(noise(4000, 1)).has_value());
  testing::write(folder_ / "p.deb", ar({{"debian-binary", "2.0\n"}}));
  EXPECT_EQ(read_package_member(folder_ / "p.deb", "x", 1).error().message, name + "it has no data archive");
  testing::write(folder_ / "p.deb", "not an archive");
  EXPECT_EQ(read_package_member(folder_ / "p.deb", "x", 1).error().code, ErrorCode::kPackage);
  EXPECT_FALSE(read_package_member(folder_ / "absent.deb", "x", 1).has_value());
}

TEST(Decompress, RefusesWhatIsNotCompressedOrTooLarge) {
  EXPECT_EQ(decompress("plain text", "a.ko", 100).error().message,
            "cannot read \"a.ko\": it is not compressed with gzip, xz or zstd");
  EXPECT_EQ(decompress("", "a.ko", 100).has_value(), false);
  // gzip of 4096 zeros
  const std::string zeros(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x0d\x00\x00\x00\xc2\xa0\xf7\x4f\x6d\x0f\x07\x14\x00\x00\x00"
      "\xf0\x6e\x6c\xd0\xc1\x16\x00\x10\x00\x00",
      38);
  const auto large = decompress(zeros, "a.ko", 100);
  ASSERT_FALSE(large.has_value());
  EXPECT_EQ(large.error().code, ErrorCode::kPackage);
}

}  // namespace reburst::image
