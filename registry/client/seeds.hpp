#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "core/progress.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/client/remote.hpp"

namespace reburst::client {

// "ROLE_VERSION" as a disk calls itself; empty when it does not (builder/image knows how). Only a hint.
using DiskName = std::function<std::string(const std::filesystem::path& disk)>;

struct Seeds {
  std::vector<chunks::Seed> images;
  std::vector<std::filesystem::path> deltas;  // in the cache
  std::uint64_t fetched = 0;                  // bytes of indexes and deltas that were not here
};

// What is known of older disks: each one's chunk index, from beside it or, when the channel has the version that it
// calls itself, from the registry; and what makes the new disk out of it. A disk that is nothing known is a seed all
// the same.
[[nodiscard]] Result<Seeds> find_seeds(const Remote& remote, const ChannelRelease& release,
                                       const std::vector<std::filesystem::path>& disks, const DiskName& disk_name,
                                       cache::Cache& cache, Progress& progress);

}  // namespace reburst::client
