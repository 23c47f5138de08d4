#pragma once

#include <filesystem>
#include <vector>

#include "builder/recipe/recipe.hpp"
#include "core/result.hpp"

namespace reburst::trial {

// A sparse disk with one empty ext4 partition of 256 MiB for each volume, named as the release wants it. kEnvironment
// when mkfs.ext4 is not installed.
[[nodiscard]] Result<> write_state_disk(const std::vector<recipe::StateVolume>& state,
                                        const std::filesystem::path& path);

}  // namespace reburst::trial
