#include "example.hpp"

namespace reburst::attest {

class CycloneDx : public Example {
 protected:
  Json document_ = json(&write_cyclonedx);

  [[nodiscard]] Json component(const std::string& name) const {
    for (const Json& one : document_.at("components")) {
      if (one.at("name") == name) return one;
    }
    ADD_FAILURE() << "no " << name;
    return {};
  }
};

TEST_F(CycloneDx, SaysWhatItIsAndOfWhichImage) {
  EXPECT_EQ(document_.at("bomFormat"), "CycloneDX");
  EXPECT_EQ(document_.at("specVersion"), "1.5");
  EXPECT_THAT(document_.at("serialNumber").get<std::string>(),
              testing::MatchesRegex("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"));
  const Json& metadata = document_.at("metadata");
  EXPECT_EQ(metadata.at("timestamp"), "2026-07-11T10:16:37Z");
  EXPECT_EQ(metadata.at("component").at("name"), "web");
  EXPECT_EQ(metadata.at("component").at("hashes"),
            Json::array({{{"alg", "SHA-256"}, {"content", sha256("disk").hex()}}}));
}

TEST_F(CycloneDx, PackagesHaveUrlDigestSourceLicenceAndFiles) {
  const Json nginx = component("nginx");
  EXPECT_EQ(nginx.at("purl"), "pkg:deb/debian/nginx@1:1.22.1-9?arch=amd64&distro=bookworm");
  EXPECT_EQ(nginx.at("hashes"), Json::array({{{"alg", "SHA-256"}, {"content", sha256("nginx").hex()}}}));
  EXPECT_EQ(nginx.at("licenses"), Json::array({{{"expression", "BSD-2-Clause AND LicenseRef-odd-12345678"}}}));
  EXPECT_EQ(nginx.at("properties"), Json::array({{{"name", "reburst:source_package"}, {"value", "nginx 1:1.22.1-9"}}}));
  ASSERT_EQ(nginx.at("components").size(), 2U);
  EXPECT_EQ(nginx.at("components").at(0),
            (Json{{"type", "file"},
                  {"name", "/usr/sbin/nginx"},
                  {"hashes", Json::array({{{"alg", "SHA-256"}, {"content", sha256("ELF").hex()}}})}}));
  const Json shop = component("shop");
  EXPECT_FALSE(shop.contains("licenses"));
  EXPECT_FALSE(shop.contains("supplier"));
  EXPECT_EQ(shop.at("properties").at(2),
            (Json{{"name", "reburst:licence"}, {"value", "the package has no copyright file"}}));
}

TEST_F(CycloneDx, FilesOfNoPackageStandBesideThem) {
  EXPECT_EQ(component("/etc/motd").at("type"), "file");
  EXPECT_EQ(document_.at("components").size(), 5U) << "four packages and one file";
}

TEST_F(CycloneDx, TheImageDependsOnEveryPackage) {
  ASSERT_EQ(document_.at("dependencies").size(), 1U);
  EXPECT_EQ(document_.at("dependencies").at(0).at("ref"), document_.at("metadata").at("component").at("bom-ref"));
  EXPECT_EQ(document_.at("dependencies").at(0).at("dependsOn").size(), 4U);
}

TEST_F(CycloneDx, WithoutFilesThatNobodyOwnsItIsStillADocument) {
  image_.files.clear();
  EXPECT_EQ(json(&write_cyclonedx).at("components").size(), 4U);
  lock_.packages.clear();
  EXPECT_EQ(json(&write_cyclonedx).at("components").size(), 0U);
}

}  // namespace reburst::attest
