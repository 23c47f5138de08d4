#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace reburst::image {

// Reads a regular file of the image, at most `max_bytes`: links are followed as they would be inside the image (openat2
// RESOLVE_IN_ROOT), never out of it. `path` is relative to `root`. kMissing when it is not there.
[[nodiscard]] Result<std::string> read_in_root(const std::filesystem::path& root, const std::string& path,
                                               std::uint64_t max_bytes);

// Names in a folder of the image, sorted; none when the folder is not there.
[[nodiscard]] Result<std::vector<std::string>> list_in_root(const std::filesystem::path& root, const std::string& path);

}  // namespace reburst::image
