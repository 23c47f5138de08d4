#include "example.hpp"

namespace reburst::attest {

class Spdx : public Example {
 protected:
  Json document_ = json(&write_spdx);

  [[nodiscard]] Json element(const std::string& list, const std::string& key, const std::string& value) const {
    for (const Json& one : document_.at(list)) {
      if (one.at(key) == value) return one;
    }
    ADD_FAILURE() << "no " << value << " in " << list;
    return {};
  }
  [[nodiscard]] std::vector<std::string> related(const std::string& from, const std::string& type) const {
    std::vector<std::string> to;
    for (const Json& one : document_.at("relationships")) {
      if (one.at("spdxElementId") == from && one.at("relationshipType") == type)
        to.push_back(one.at("relatedSpdxElement"));
    }
    return to;
  }
};

TEST_F(Spdx, SaysWhatItIsAndDescribesTheImage) {
  EXPECT_EQ(document_.at("spdxVersion"), "SPDX-2.3");
  EXPECT_EQ(document_.at("dataLicense"), "CC0-1.0");
  EXPECT_EQ(document_.at("name"), "web_20260711T101637Z");
  EXPECT_EQ(document_.at("creationInfo").at("created"), "2026-07-11T10:16:37Z");
  EXPECT_THAT(document_.at("documentNamespace").get<std::string>(), testing::StartsWith("urn:uuid:"));
  EXPECT_EQ(related("SPDXRef-DOCUMENT", "DESCRIBES"), std::vector<std::string>{"SPDXRef-Image"});
  const Json image = element("packages", "SPDXID", "SPDXRef-Image");
  EXPECT_EQ(image.at("checksums"), Json::array({{{"algorithm", "SHA256"}, {"checksumValue", sha256("disk").hex()}}}));
  EXPECT_EQ(image.at("versionInfo"), "20260711T101637Z");
}

TEST_F(Spdx, PackagesHaveUrlDigestSourceAndLicence) {
  const Json nginx = element("packages", "name", "nginx");
  EXPECT_EQ(nginx.at("SPDXID"), "SPDXRef-Package-nginx.amd64");
  EXPECT_EQ(nginx.at("externalRefs"),
            Json::array({{{"referenceCategory", "PACKAGE-MANAGER"},
                          {"referenceType", "purl"},
                          {"referenceLocator", "pkg:deb/debian/nginx@1:1.22.1-9?arch=amd64&distro=bookworm"}}}));
  EXPECT_EQ(nginx.at("checksums"), Json::array({{{"algorithm", "SHA256"}, {"checksumValue", sha256("nginx").hex()}}}));
  EXPECT_EQ(nginx.at("licenseDeclared"), "BSD-2-Clause AND LicenseRef-odd-12345678");
  EXPECT_EQ(nginx.at("supplier"), "Organization: Debian");
  EXPECT_EQ(nginx.at("sourceInfo"), "built from the source package nginx 1:1.22.1-9");
  EXPECT_EQ(nginx.at("packageFileName"), "nginx_1.deb");
  EXPECT_FALSE(nginx.contains("comment"));
  const Json shop = element("packages", "name", "shop");
  EXPECT_EQ(shop.at("licenseDeclared"), "NOASSERTION");
  EXPECT_EQ(shop.at("licenseComments"), "the package has no copyright file");
  EXPECT_EQ(shop.at("supplier"), "NOASSERTION");
  EXPECT_EQ(shop.at("comment"), "nginx Depends: shop");
  EXPECT_EQ(element("packages", "name", "libstdc++6").at("SPDXID"), "SPDXRef-Package-libstdcX2BX2B6.amd64");
  EXPECT_EQ(document_.at("hasExtractedLicensingInfos"),
            Json::array(
                {{{"licenseId", "LicenseRef-odd-12345678"}, {"name", "odd"}, {"extractedText", "Do as you like.\n"}}}));
}

TEST_F(Spdx, TheImageContainsPackagesAndFilesAndWasBuiltWithTheOther) {
  EXPECT_THAT(related("SPDXRef-Image", "CONTAINS"),
              testing::ElementsAre("SPDXRef-Package-libstdcX2BX2B6.amd64", "SPDXRef-Package-nginx.amd64",
                                   "SPDXRef-Package-shop.amd64", "SPDXRef-File-1", "SPDXRef-File-2", "SPDXRef-File-3",
                                   "SPDXRef-File-4"));
  EXPECT_EQ(related("SPDXRef-Package-systemd-boot-efi.amd64", "BUILD_DEPENDENCY_OF"),
            std::vector<std::string>{"SPDXRef-Image"});
}

TEST_F(Spdx, FilesHaveBothDigestsAndTheirPackage) {
  const Json motd = element("files", "fileName", "./etc/motd");
  EXPECT_EQ(motd.at("checksums"),
            Json::array({{{"algorithm", "SHA1"}, {"checksumValue", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"}},
                         {{"algorithm", "SHA256"}, {"checksumValue", sha256("hello").hex()}}}));
  EXPECT_TRUE(related(motd.at("SPDXID"), "EXPANDED_FROM_ARCHIVE").empty());
  EXPECT_EQ(related(element("files", "fileName", "./usr/bin/shop").at("SPDXID"), "EXPANDED_FROM_ARCHIVE"),
            std::vector<std::string>{"SPDXRef-Package-shop.amd64"});
  EXPECT_EQ(document_.at("files").size(), 4U) << "no folders, links and devices";
}

// SHA-1 over the sorted digests of the four files (clause 7.9), by sha1sum(1) and sort(1).
TEST_F(Spdx, TheVerificationCodeCoversEveryFile) {
  std::vector<std::string> digests;
  for (const Json& file : document_.at("files")) digests.push_back(file.at("checksums").at(0).at("checksumValue"));
  std::sort(digests.begin(), digests.end());
  Sha1Hasher hasher;
  for (const auto& digest : digests) hasher.update(std::as_bytes(std::span(digest)));
  EXPECT_EQ(
      element("packages", "SPDXID", "SPDXRef-Image").at("packageVerificationCode").at("packageVerificationCodeValue"),
      hasher.finish().hex());
}

TEST_F(Spdx, ANameThatIsNotUtf8IsStillWritten) {
  add_file("/x/\xff", S_IFREG | 0600, "x");
  document_ = json(&write_spdx);
  EXPECT_EQ(document_.at("files").size(), 5U);
  EXPECT_EQ(document_.at("files").back().at("fileName"), "./x/\xEF\xBF\xBD");
}

}  // namespace reburst::attest
