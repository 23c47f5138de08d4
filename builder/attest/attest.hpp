#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "builder/attest/licences.hpp"
#include "builder/image/image.hpp"
#include "builder/lock/lock.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/result.hpp"

namespace reburst::attest {

// What a build can say of itself once its image is made. All of it comes from the recipe, the lock, the packages and
// the program's version; nothing from the machine.
struct Build {
  const recipe::Recipe& recipe;
  const lock::Lock& lock;
  const Licences& licences;
  const image::Image& image;  // the first artifact holds the root file system
  std::string_view version;
};

// Writes <role>_<version>.files (docs/formats/file-list.md), .provenance.json (docs/formats/provenance.md), .spdx.json
// and .cdx.json (docs/formats/sbom.md) into `folder` and returns them in that order. Same bytes whatever `jobs`.
[[nodiscard]] Result<std::vector<image::Artifact>> write_statements(const std::filesystem::path& folder,
                                                                    const Build& build, std::size_t jobs);

// The four, one by one.
[[nodiscard]] Result<image::Artifact> write_file_list(const std::filesystem::path& folder, const Build& build);
[[nodiscard]] Result<image::Artifact> write_provenance(const std::filesystem::path& folder, const Build& build);
[[nodiscard]] Result<image::Artifact> write_spdx(const std::filesystem::path& folder, const Build& build);
[[nodiscard]] Result<image::Artifact> write_cyclonedx(const std::filesystem::path& folder, const Build& build);

// "<role>_<version>SUFFIX".
[[nodiscard]] std::string file_name(const Build& build, std::string_view suffix);
// A UUID for the document `label` about this image: another one whenever the document may have other bytes.
[[nodiscard]] std::string document_uuid(const Build& build, std::string_view label);

}  // namespace reburst::attest
