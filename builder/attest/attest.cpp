#include "builder/attest/attest.hpp"

#include <array>

#include "builder/image/uuid.hpp"
#include "core/parallel.hpp"
#include "core/version.hpp"

namespace reburst::attest {

std::string file_name(const Build& build, std::string_view suffix) {
  return build.recipe.role + "_" + std::string(build.version) + std::string(suffix);
}

std::string document_uuid(const Build& build, std::string_view label) {
  const std::string content =
      build.image.artifacts.front().sha256.hex() + "\n" + lock::digest(build.lock).hex() + "\n" + std::string(kVersion);
  return image::derived_uuid(label, content).text();
}

Result<std::vector<image::Artifact>> write_statements(const std::filesystem::path& folder, const Build& build,
                                                      std::size_t jobs) {
  constexpr std::array kWriters = {&write_file_list, &write_provenance, &write_spdx, &write_cyclonedx};
  std::vector<image::Artifact> artifacts(kWriters.size());
  REBURST_TRY(parallel_for(jobs, kWriters.size(), [&](std::size_t i) -> Result<> {
    artifacts[i] = REBURST_TRY(kWriters[i](folder, build));
    return {};
  }));
  return artifacts;
}

}  // namespace reburst::attest
