#pragma once

#include <filesystem>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/bundle/contents.hpp"

namespace reburst::bundle {

// Makes of what a bundle has what a registry shows beside: disks from their chunks, other names of the same files, the
// layers of the OCI layouts, and images/. kIntegrity when a chunk is not what its name says, and when a door names what
// the metadata does not.
[[nodiscard]] Result<> rebuild(const std::filesystem::path& registry, const Wanted& wanted,
                               const std::map<std::string, tuf::Targets>& delegated, std::size_t jobs,
                               Progress& progress);

}  // namespace reburst::bundle
