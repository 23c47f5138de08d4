#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/result.hpp"

namespace reburst::registry {

// Where in the disk a package's or a large file's data begins, ascending, from a release's file list
// (docs/formats/file-list.md). Empty for a compressed image, which says of no file where it lies.
[[nodiscard]] Result<std::vector<std::uint64_t>> read_boundaries(const std::filesystem::path& file_list);

}  // namespace reburst::registry
