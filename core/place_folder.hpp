#pragma once

#include <filesystem>

#include "core/result.hpp"

// How a folder that was made elsewhere gets to its place: whole, or not at all.
namespace reburst {

// Makes the folder above `target` and tries whether it can be written, before hours of work are lost on it; sweeps what
// a process that was killed left there.
[[nodiscard]] Result<> prepare_place(const std::filesystem::path& target);

// Removes from the folders in `out` what processes that were killed left there.
void sweep_places(const std::filesystem::path& out);

// Moves `made` to `target` so that a reader sees the old folder, the new one, or none; across file systems it is copied
// beside the target first.
[[nodiscard]] Result<> place_folder(const std::filesystem::path& made, const std::filesystem::path& target);

}  // namespace reburst
