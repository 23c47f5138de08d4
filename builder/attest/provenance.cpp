// SLSA provenance v1, the predicate (docs/formats/provenance.md).
#include <map>
#include <set>

#include "builder/attest/artifact_file.hpp"
#include "builder/attest/attest.hpp"
#include "builder/attest/purl.hpp"
#include "builder/image/mkfs_erofs.hpp"
#include "core/version.hpp"

namespace reburst::attest {

namespace {

constexpr std::string_view kBuildType = "urn:reburst:build:v1";
constexpr std::string_view kBuilder = "urn:reburst:builder:unsigned";

// Which parts of which archives: never where they were fetched from.
Json sources(const lock::Lock& lock) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> suites;
  for (const auto& index : lock.indexes) suites[{index.origin, index.suite}].insert(index.component);
  Json out = Json::array();
  for (const auto& [suite, components] : suites)
    out.push_back({{"origin", suite.first}, {"suite", suite.second}, {"components", components}});
  return out;
}

Json release_json(const lock::LockedRelease& release) {
  const std::string& suite = release.codename.empty() ? release.suite : release.codename;
  return {{"name", "InRelease"},
          {"uri", "urn:reburst:release:" + percent_encoded(release.origin) + "/" + percent_encoded(suite)},
          {"digest", {{"sha256", release.digest.hex()}}},
          {"annotations", {{"origin", release.origin}, {"suite", release.suite}, {"codename", release.codename}}}};
}

Json index_json(const lock::LockedIndex& index) {
  return {{"name", "Packages"},
          {"uri", "urn:reburst:index:" + percent_encoded(index.origin) + "/" + percent_encoded(index.suite) + "/" +
                      percent_encoded(index.component) + "/" + percent_encoded(index.architecture)},
          {"digest", {{"sha256", index.digest.hex()}}},
          {"annotations",
           {{"origin", index.origin},
            {"suite", index.suite},
            {"component", index.component},
            {"architecture", index.architecture}}}};
}

Json package_json(const lock::LockedPackage& package) {
  return {{"name", package.name}, {"uri", purl(package)}, {"digest", {{"sha256", package.sha256.hex()}}}};
}

Json dependencies(const lock::Lock& lock) {
  Json out = Json::array();
  for (const auto& release : lock.releases) out.push_back(release_json(release));
  for (const auto& index : lock.indexes) out.push_back(index_json(index));
  for (const auto& package : lock.packages) out.push_back(package_json(package));
  return out;
}

}  // namespace

Result<image::Artifact> write_provenance(const std::filesystem::path& folder, const Build& build) {
  const std::string version(kVersion);
  Json internal = {{"tool", "reburst " + version}, {"lock_sha256", lock::digest(build.lock).hex()}};
  if (build.recipe.image.compression != "none") internal["compressor"] = REBURST_TRY(image::compressor_version());
  Json external = {{"role", build.recipe.role},
                   {"recipe", build.recipe.merged},
                   {"recipe_sha256", build.recipe.digest.hex()},
                   {"sources", sources(build.lock)}};
  if (build.image.signature) external["boot_certificate_sha256"] = build.image.signature->certificate.hex();
  const Json definition = {{"buildType", kBuildType},
                           {"externalParameters", std::move(external)},
                           {"internalParameters", std::move(internal)},
                           {"resolvedDependencies", dependencies(build.lock)}};
  auto out = REBURST_TRY(ArtifactFile::create(folder, file_name(build, ".provenance.json"), "provenance"));
  out.put_json(Json{{"buildDefinition", definition},
                    {"runDetails", {{"builder", {{"id", kBuilder}, {"version", {{"reburst", version}}}}}}}});
  out.put_text("\n");
  return out.close();
}

}  // namespace reburst::attest
