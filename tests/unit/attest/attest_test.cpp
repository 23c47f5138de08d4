#include "builder/attest/attest.hpp"

#include "example.hpp"

namespace reburst::attest {

class Statements : public Example {};

TEST_F(Statements, AreFourFilesWithTheirKinds) {
  const auto artifacts = write_statements(folder_.path(), build(), 2).value();
  std::vector<std::string> seen;
  for (const auto& artifact : artifacts) {
    seen.push_back(artifact.kind + " " + artifact.name);
    EXPECT_EQ(artifact.size, fs::file_size(folder_.path() / artifact.name));
    EXPECT_EQ(artifact.sha256, sha256_file(folder_.path() / artifact.name).value());
  }
  EXPECT_EQ(seen, (std::vector<std::string>{
                      "files web_20260711T101637Z.files", "provenance web_20260711T101637Z.provenance.json",
                      "sbom-spdx web_20260711T101637Z.spdx.json", "sbom-cyclonedx web_20260711T101637Z.cdx.json"}));
}

TEST_F(Statements, DoNotDependOnJobs) {
  const auto one = write_statements(folder_.path(), build(), 1).value();
  const auto four = write_statements(folder_.path(), build(), 4).value();
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].sha256, four[i].sha256) << one[i].name;
}

TEST_F(Statements, AFolderThatIsNotThereIsAnError) {
  const auto none = folder_.path() / "none";
  const Error error = write_statements(none, build(), 1).error();
  EXPECT_EQ(error.message,
            "cannot create \"" + (none / "web_20260711T101637Z.files").string() + "\": No such file or directory");
}

TEST_F(Statements, DocumentsHaveAnotherIdentityWhenAnythingOfThemMayDiffer) {
  const std::string first = document_uuid(build(), "a");
  EXPECT_EQ(document_uuid(build(), "a"), first);
  EXPECT_NE(document_uuid(build(), "b"), first);
  lock_.packages[0].reason = "another";
  EXPECT_NE(document_uuid(build(), "a"), first);
  lock_.packages[0].reason = "nginx Depends: libstdc++6";
  image_.artifacts[0].sha256 = sha256("other");
  EXPECT_NE(document_uuid(build(), "a"), first);
}

}  // namespace reburst::attest
