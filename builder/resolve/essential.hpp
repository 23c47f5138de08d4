#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::resolve {

// The names that no set of packages from these Packages files lacks: whatever version of them is taken, it is
// Essential. Packages of other architectures count for nothing.
[[nodiscard]] Result<std::set<std::string, std::less<>>> essential_names(
    const std::vector<std::filesystem::path>& indexes, std::string_view architecture);

}  // namespace reburst::resolve
