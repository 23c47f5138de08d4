// SPDX 2.3 as JSON (docs/formats/sbom.md): members in canonical order, so that long lists can be written as they come.
#include <sys/stat.h>

#include <algorithm>
#include <unordered_map>

#include "builder/attest/artifact_file.hpp"
#include "builder/attest/attest.hpp"
#include "builder/attest/purl.hpp"
#include "core/version.hpp"

namespace reburst::attest {

namespace {

constexpr std::string_view kImage = "SPDXRef-Image";
constexpr std::string_view kComment =
    "Files are those of the image. A file is EXPANDED_FROM_ARCHIVE of the package that owns its name; the package's "
    "scripts or the recipe may have given it other content since.";

// Identifiers have letters, digits, "." and "-"; "X" is the mark of what stands for another character.
std::string package_id(const lock::LockedPackage& package) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string id = "SPDXRef-Package-";
  for (const char c : package.name + "." + package.architecture) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (plain) {
      id += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    id += 'X';
    id += kDigits[byte >> 4U];
    id += kDigits[byte & 15U];
  }
  return id;
}

std::string file_id(std::size_t number) {
  return "SPDXRef-File-" + std::to_string(number);
}

Json checksum(std::string_view algorithm, std::string value) {
  return {{"algorithm", algorithm}, {"checksumValue", std::move(value)}};
}

// Clause 7.9.
std::string verification_code(const std::vector<image::FileFact>& files) {
  std::vector<std::string> digests;
  for (const auto& file : files) {
    if (S_ISREG(file.mode)) digests.push_back(file.sha1.hex());
  }
  std::ranges::sort(digests);
  Sha1Hasher hasher;
  for (const std::string& digest : digests) hasher.update(std::as_bytes(std::span(digest)));
  return hasher.finish().hex();
}

Json image_json(const Build& build) {
  const image::Artifact& disk = build.image.artifacts.front();
  return {{"SPDXID", kImage},
          {"checksums", Json::array({checksum("SHA256", disk.sha256.hex())})},
          {"downloadLocation", "NOASSERTION"},
          {"filesAnalyzed", true},
          {"name", build.recipe.role},
          {"packageFileName", disk.name},
          {"packageVerificationCode", {{"packageVerificationCodeValue", verification_code(build.image.files)}}},
          {"primaryPackagePurpose", "OPERATING_SYSTEM"},
          {"summary", build.recipe.summary},
          {"versionInfo", build.version}};
}

Json package_json(const lock::LockedPackage& package, const Licences& licences) {
  Json out = {{"SPDXID", package_id(package)},
              {"checksums", Json::array({checksum("SHA256", package.sha256.hex())})},
              {"downloadLocation", "NOASSERTION"},
              {"externalRefs", Json::array({{{"referenceCategory", "PACKAGE-MANAGER"},
                                             {"referenceLocator", purl(package)},
                                             {"referenceType", "purl"}}})},
              {"filesAnalyzed", false},
              {"licenseConcluded", "NOASSERTION"},
              {"licenseDeclared", "NOASSERTION"},
              {"name", package.name},
              {"packageFileName", package.path.substr(package.path.rfind('/') + 1)},
              {"primaryPackagePurpose", "INSTALL"},
              {"sourceInfo", "built from the source package " + source_package(package)},
              {"supplier", package.origin == "local" ? "NOASSERTION" : "Organization: " + package.origin},
              {"versionInfo", package.version}};
  if (!package.reason.empty()) out["comment"] = package.reason;
  const auto licence = licences.packages.find(package.name);
  if (licence == licences.packages.end()) return out;
  if (!licence->second.expression.empty()) out["licenseDeclared"] = licence->second.expression;
  if (!licence->second.comment.empty()) out["licenseComments"] = licence->second.comment;
  return out;
}

void put_files(ArtifactFile& out, const std::vector<image::FileFact>& files) {
  std::size_t number = 0;
  out.put_list(files, [&](const image::FileFact& file) -> Json {
    if (!S_ISREG(file.mode)) return nullptr;
    return {{"SPDXID", file_id(++number)},
            {"checksums", Json::array({checksum("SHA1", file.sha1.hex()), checksum("SHA256", file.sha256.hex())})},
            {"fileName", "." + file.path}};
  });
}

void put_packages(ArtifactFile& out, const Build& build) {
  out.put_text("[");
  out.put_json(image_json(build));
  for (const auto& package : build.lock.packages) {
    out.put_text(",");
    out.put_json(package_json(package, build.licences));
  }
  out.put_text("]");
}

Json relationship(std::string_view from, std::string_view type, std::string_view to) {
  return {{"spdxElementId", from}, {"relationshipType", type}, {"relatedSpdxElement", to}};
}

void put_relationships(ArtifactFile& out, const Build& build) {
  const auto add = [&](std::string_view from, std::string_view type, std::string_view to) {
    out.put_text(",");
    out.put_json(relationship(from, type, to));
  };
  out.put_text("[");
  out.put_json(relationship("SPDXRef-DOCUMENT", "DESCRIBES", kImage));
  std::unordered_map<std::string_view, std::string> ids;
  for (const auto& package : build.lock.packages) {
    const auto& id = ids[package.name] = package_id(package);
    if (package.build_only)
      add(id, "BUILD_DEPENDENCY_OF", kImage);
    else
      add(kImage, "CONTAINS", id);
  }
  std::size_t number = 0;
  for (const auto& file : build.image.files) {
    if (!S_ISREG(file.mode)) continue;
    const std::string id = file_id(++number);
    add(kImage, "CONTAINS", id);
    if (const auto owner = ids.find(file.package); owner != ids.end()) add(id, "EXPANDED_FROM_ARCHIVE", owner->second);
  }
  out.put_text("]");
}

}  // namespace

Result<image::Artifact> write_spdx(const std::filesystem::path& folder, const Build& build) {
  auto out = REBURST_TRY(ArtifactFile::create(folder, file_name(build, ".spdx.json"), "sbom-spdx"));
  out.put_text("{\"SPDXID\":\"SPDXRef-DOCUMENT\",\"comment\":");
  out.put_json(kComment);
  out.put_text(",\"creationInfo\":");
  out.put_json(Json{{"created", iso_time(build.lock.epoch)},
                    {"creators", Json::array({"Tool: reburst-" + std::string(kVersion)})}});
  out.put_text(",\"dataLicense\":\"CC0-1.0\",\"documentNamespace\":");
  out.put_json("urn:uuid:" + document_uuid(build, "reburst spdx"));
  out.put_text(",\"files\":");
  put_files(out, build.image.files);
  out.put_text(",\"hasExtractedLicensingInfos\":");
  out.put_list(build.licences.extracted, [](const auto& entry) -> Json {
    return {{"licenseId", entry.first}, {"name", entry.second.name}, {"extractedText", entry.second.text}};
  });
  out.put_text(",\"name\":");
  out.put_json(file_name(build, ""));
  out.put_text(",\"packages\":");
  put_packages(out, build);
  out.put_text(",\"relationships\":");
  put_relationships(out, build);
  out.put_text(",\"spdxVersion\":\"SPDX-2.3\"}\n");
  return out.close();
}

}  // namespace reburst::attest
