#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "core/result.hpp"
#include "registry/release/release.hpp"

namespace reburst::registry {

// Files of a release (kernel, initrd, UKI) that its disk holds in one piece, and at which byte: whoever has the disk
// need not fetch them. Found by looking, so that nothing has to be told; empty for a release without a disk.
[[nodiscard]] Result<std::map<std::string, std::uint64_t>> find_inside(const Release& release,
                                                                       const std::filesystem::path& folder);

}  // namespace reburst::registry
