#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "cache/cache.hpp"
#include "core/progress.hpp"
#include "registry/client/remote.hpp"

namespace reburst::client {

// What describes a release to people and audits, and neither boots nor proves it: SBOMs and the file list. Left out
// unless everything is asked for: together they are larger than most updates.
[[nodiscard]] bool is_description(std::string_view name);

// Files of a version of the release's channel as blobs of the cache, in their order, each of the size and the digest
// that its target names.
struct Blobs {
  std::vector<std::filesystem::path> paths;
  std::uint64_t fetched = 0;  // bytes that the cache did not have
};
[[nodiscard]] Result<Blobs> fetch_blobs(const Remote& remote, const ChannelRelease& release, const std::string& version,
                                        const std::vector<ReleaseFile>& files, cache::Cache& cache, Progress& progress);

// Brings these files of the release into `folder`, and returns how many bytes were not in the cache already.
[[nodiscard]] Result<std::uint64_t> fetch_files(const Remote& remote, const ChannelRelease& release,
                                                const std::vector<ReleaseFile>& files, cache::Cache& cache,
                                                const std::filesystem::path& folder, Progress& progress);

// Copies `file` out of the disk in which it lies at `offset`. False when other bytes are there.
[[nodiscard]] Result<bool> take_from_disk(const std::filesystem::path& disk, std::uint64_t offset,
                                          const ReleaseFile& file, const std::filesystem::path& folder);

}  // namespace reburst::client
