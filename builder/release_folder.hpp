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
