#include "builder/attest/licences.hpp"

#include "example.hpp"

namespace reburst::attest {

class ReadLicences : public Example {
 protected:
  ReadLicences() { tree_.root = folder_.path() / "root"; }

  void write(const std::string& package, std::string_view text) {
    const auto folder = tree_.root / "usr/share/doc" / package;
    fs::create_directories(folder);
    ASSERT_TRUE(write_file_atomic(folder / "copyright", text));
  }

  tree::Tree tree_;
};

TEST_F(ReadLicences, OfEveryInstalledPackage) {
  write("nginx",
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        "Files: *\nLicense: BSD-2-clause\n\nFiles: x\nLicense: odd\n The text.\n");
  write("shop", "Free, see /usr/share/common-licenses/GPL-2.\n");
  const Licences licences = read_licences(tree_, lock_).value();
  EXPECT_THAT(licences.packages.at("nginx").expression, testing::MatchesRegex("BSD-2-Clause AND LicenseRef-odd-.{8}"));
  EXPECT_EQ(licences.packages.at("nginx").comment, "");
  EXPECT_EQ(licences.packages.at("shop").expression, "");
  EXPECT_EQ(licences.packages.at("shop").comment,
            "/usr/share/doc/shop/copyright is not machine-readable; it refers to GPL-2");
  EXPECT_EQ(licences.packages.at("libstdc++6").comment, "the package has no copyright file");
  EXPECT_FALSE(licences.packages.contains("systemd-boot-efi")) << "never installed";
  EXPECT_EQ(licences.extracted.begin()->second.text, "The text.\n");
}

TEST_F(ReadLicences, AFormWithoutLicencesSaysSo) {
  write("shop", "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n");
  EXPECT_EQ(read_licences(tree_, lock_).value().packages.at("shop").comment,
            "/usr/share/doc/shop/copyright names no licence");
}

// A package's folder is often a link to that of another; none leads out of the tree.
TEST_F(ReadLicences, LinksAreFollowedInsideTheTree) {
  write("nginx", "Format: .../copyright-format/1.0/\n\nFiles: *\nLicense: Expat\n");
  fs::create_directory_symlink("nginx", tree_.root / "usr/share/doc/libstdc++6");
  ASSERT_TRUE(write_file_atomic(folder_.path() / "outside", "Format: .../copyright-format/1.0/\nLicense: Zlib\n"));
  fs::create_directories(tree_.root / "usr/share/doc/shop");
  fs::create_symlink(folder_.path() / "outside", tree_.root / "usr/share/doc/shop/copyright");
  const Licences licences = read_licences(tree_, lock_).value();
  EXPECT_EQ(licences.packages.at("libstdc++6").expression, "MIT");
  EXPECT_EQ(licences.packages.at("shop").comment, "the package has no copyright file");
}

}  // namespace reburst::attest
