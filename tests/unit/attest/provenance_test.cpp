#include "core/version.hpp"
#include "example.hpp"

namespace reburst::attest {

class Provenance : public Example {
 protected:
  Json predicate_ = json(&write_provenance);
};

// The predicate of slsa.dev/provenance/v1: exactly its members, nothing of time or machine.
TEST_F(Provenance, HasTheShapeOfSlsaProvenance) {
  const auto keys = [](const Json& object) {
    std::vector<std::string> names;
    for (const auto& [key, value] : object.items()) names.push_back(key);
    return names;
  };
  using testing::ElementsAre;
  EXPECT_THAT(keys(predicate_), ElementsAre("buildDefinition", "runDetails"));
  const Json& definition = predicate_.at("buildDefinition");
  EXPECT_THAT(keys(definition),
              ElementsAre("buildType", "externalParameters", "internalParameters", "resolvedDependencies"));
  EXPECT_EQ(definition.at("buildType"), "urn:reburst:build:v1");
  EXPECT_THAT(keys(definition.at("externalParameters")), ElementsAre("recipe", "recipe_sha256", "role", "sources"));
  EXPECT_EQ(predicate_.at("runDetails"),
            (Json{{"builder", {{"id", "urn:reburst:builder:unsigned"}, {"version", {{"reburst", kVersion}}}}}}));
  for (const Json& dependency : definition.at("resolvedDependencies")) {
    EXPECT_THAT(dependency.at("uri").get<std::string>(), testing::ContainsRegex("^(urn|pkg):"));
    EXPECT_TRUE(Digest::parse(dependency.at("digest").at("sha256").get<std::string>()));
  }
}

TEST_F(Provenance, NamesTheExactParameters) {
  const Json& definition = predicate_.at("buildDefinition");
  EXPECT_EQ(
      definition.at("externalParameters"),
      (Json{{"role", "web"},
            {"recipe", recipe_.merged},
            {"recipe_sha256", sha256("recipe").hex()},
            {"sources",
             Json::array(
                 {{{"origin", "Debian"}, {"suite", "bookworm"}, {"components", Json::array({"contrib", "main"})}}})}}));
  EXPECT_EQ(definition.at("internalParameters"),
            (Json{{"tool", "reburst " + std::string(kVersion)}, {"lock_sha256", lock::digest(lock_).hex()}}));
}

TEST_F(Provenance, ACompressorIsAnInputToo) {
  recipe_.image.compression = "lz4";
  const Json internal = json(&write_provenance).at("buildDefinition").at("internalParameters");
  EXPECT_THAT(internal.at("compressor").get<std::string>(), testing::HasSubstr("mkfs.erofs"));
}

TEST_F(Provenance, NamesEveryReleaseIndexAndPackageByDigest) {
  const Json& dependencies = predicate_.at("buildDefinition").at("resolvedDependencies");
  ASSERT_EQ(dependencies.size(), 7U);
  EXPECT_EQ(dependencies.at(0),
            (Json{{"name", "InRelease"},
                  {"uri", "urn:reburst:release:Debian/bookworm"},
                  {"digest", {{"sha256", sha256("InRelease").hex()}}},
                  {"annotations", {{"origin", "Debian"}, {"suite", "oldstable"}, {"codename", "bookworm"}}}}));
  EXPECT_EQ(dependencies.at(2),
            (Json{{"name", "Packages"},
                  {"uri", "urn:reburst:index:Debian/bookworm/main/amd64"},
                  {"digest", {{"sha256", sha256("main").hex()}}},
                  {"annotations",
                   {{"origin", "Debian"}, {"suite", "bookworm"}, {"component", "main"}, {"architecture", "amd64"}}}}));
  EXPECT_EQ(dependencies.at(5), (Json{{"name", "shop"},
                                      {"uri", "pkg:deb/local/shop@1.0?arch=amd64"},
                                      {"digest", {{"sha256", sha256("shop").hex()}}}}));
}

}  // namespace reburst::attest
