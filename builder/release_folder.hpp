#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "builder/describe/manifest.hpp"
#include "cache/cache.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"

// How a finished build gets to out/ROLE/VERSION, and how an unchanged one is recognised there.
namespace reburst {

// Makes the folder above `target` and tries whether it can be written, before hours of work are lost on it; sweeps what
// a build that was killed left there.
[[nodiscard]] Result<> prepare_place(const std::filesystem::path& target);

// Removes from the role folders of `out` what builds that were killed left there.
void sweep_places(const std::filesystem::path& out);

// Moves `made` to `target` so that a reader sees the old folder, the new one, or none; across file systems it is copied
// beside the target first.
[[nodiscard]] Result<> place_folder(const std::filesystem::path& made, const std::filesystem::path& target);

// Records in the cache that `folder` is what `key` builds.
[[nodiscard]] Result<> remember_build(const std::filesystem::path& folder, const Digest& key, cache::Cache& cache);

// The manifest of `folder` when the cache knows what `key` builds and `folder` holds that: by the files' inodes, sizes
// and times where they are those of the record, by every byte where not.
[[nodiscard]] Result<std::optional<describe::Manifest>> find_unchanged(const std::filesystem::path& folder,
                                                                       const Digest& key, cache::Cache& cache,
                                                                       std::size_t jobs);

}  // namespace reburst
