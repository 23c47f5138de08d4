// CycloneDX 1.5 as JSON (docs/formats/sbom.md): members in canonical order, so that long lists can be written as they
// come.
#include <sys/stat.h>

#include <unordered_map>

#include "builder/attest/artifact_file.hpp"
#include "builder/attest/attest.hpp"
#include "builder/attest/purl.hpp"
#include "core/version.hpp"

namespace reburst::attest {

namespace {

constexpr std::string_view kImage = "image";

using Owned = std::unordered_map<std::string_view, std::vector<const image::FileFact*>>;

Json hashes(const Digest& digest) {
  return Json::array({{{"alg", "SHA-256"}, {"content", digest.hex()}}});
}

Json property(std::string_view name, std::string_view value) {
  return {{"name", "reburst:" + std::string(name)}, {"value", value}};
}

Json file_json(const image::FileFact& file) {
  return {{"type", "file"}, {"name", file.path}, {"hashes", hashes(file.sha256)}};
}

Json package_json(const lock::LockedPackage& package, const Licences& licences, const Owned& owned) {
  const std::string url = purl(package);
  Json properties = Json::array({property("source_package", source_package(package))});
  if (!package.reason.empty()) properties.push_back(property("reason", package.reason));
  if (package.build_only) properties.push_back(property("build_only", "true"));
  Json out = {{"type", "library"},
              {"bom-ref", url},
              {"purl", url},
              {"name", package.name},
              {"version", package.version},
              {"hashes", hashes(package.sha256)}};
  if (package.origin != "local") out["supplier"] = {{"name", package.origin}};
  if (const auto licence = licences.packages.find(package.name); licence != licences.packages.end()) {
    const auto& [expression, comment] = licence->second;
    if (!expression.empty()) out["licenses"] = Json::array({{{"expression", expression}}});
    if (!comment.empty()) properties.push_back(property("licence", comment));
  }
  out["properties"] = std::move(properties);
  if (const auto files = owned.find(package.name); files != owned.end()) {
    for (const auto* file : files->second) out["components"].push_back(file_json(*file));
  }
  return out;
}

Json metadata(const Build& build) {
  const image::Artifact& disk = build.image.artifacts.front();
  return {
      {"timestamp", iso_time(build.lock.epoch)},
      {"lifecycles", Json::array({{{"phase", "build"}}})},
      {"tools", {{"components", Json::array({{{"type", "application"}, {"name", "reburst"}, {"version", kVersion}}})}}},
      {"component",
       {{"type", "operating-system"},
        {"bom-ref", kImage},
        {"name", build.recipe.role},
        {"version", build.version},
        {"description", build.recipe.summary},
        {"hashes", hashes(disk.sha256)}}}};
}

// Packages with the files they own, then what none owns.
void put_components(ArtifactFile& out, const Build& build) {
  Owned owned;
  for (const auto& file : build.image.files) {
    if (S_ISREG(file.mode)) owned[file.package].push_back(&file);
  }
  out.put_text("[");
  bool first = true;
  const auto add = [&](const Json& component) {
    if (!first) out.put_text(",");
    first = false;
    out.put_json(component);
  };
  for (const auto& package : build.lock.packages) add(package_json(package, build.licences, owned));
  for (const auto* file : owned[""]) add(file_json(*file));
  out.put_text("]");
}

Json dependencies(const Build& build) {
  Json urls = Json::array();
  for (const auto& package : build.lock.packages) urls.push_back(purl(package));
  return Json::array({{{"ref", kImage}, {"dependsOn", std::move(urls)}}});
}

}  // namespace

Result<image::Artifact> write_cyclonedx(const std::filesystem::path& folder, const Build& build) {
  auto out = REBURST_TRY(ArtifactFile::create(folder, file_name(build, ".cdx.json"), "sbom-cyclonedx"));
  out.put_text("{\"bomFormat\":\"CycloneDX\",\"components\":");
  put_components(out, build);
  out.put_text(",\"dependencies\":");
  out.put_json(dependencies(build));
  out.put_text(",\"metadata\":");
  out.put_json(metadata(build));
  out.put_text(",\"serialNumber\":");
  out.put_json("urn:uuid:" + document_uuid(build, "reburst cyclonedx"));
  out.put_text(",\"specVersion\":\"1.5\",\"version\":1}\n");
  return out.close();
}

}  // namespace reburst::attest
