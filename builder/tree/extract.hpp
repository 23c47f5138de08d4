#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "builder/tree/deb.hpp"
#include "builder/tree/skip.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// Unpacks the data archive into `folder` (made here, empty), with owners, modes and times, and returns the entries in
// their order. Nothing is followed on the way: an entry below one of the package's own links is refused. A path that
// comes twice is refused unless both are folders. What is skipped is neither unpacked nor returned; where the rest
// cannot do without it, nothing is skipped.
[[nodiscard]] Result<std::vector<Entry>> extract(const Deb& deb, const std::filesystem::path& folder,
                                                 const Skip& skip = {});

}  // namespace reburst::tree
