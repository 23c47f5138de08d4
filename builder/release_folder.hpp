#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "builder/describe/manifest.hpp"
#include "cache/cache.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"

// How an unchanged build is recognised in out/ROLE/VERSION.
namespace reburst {

// Records in the cache that `folder` is what `key` builds.
[[nodiscard]] Result<> remember_build(const std::filesystem::path& folder, const Digest& key, cache::Cache& cache);

// The manifest of `folder` when the cache knows what `key` builds and `folder` holds that: by the files' inodes, sizes
// and times where they are those of the record, by every byte where not.
[[nodiscard]] Result<std::optional<describe::Manifest>> find_unchanged(const std::filesystem::path& folder,
                                                                       const Digest& key, cache::Cache& cache,
                                                                       std::size_t jobs);

}  // namespace reburst
