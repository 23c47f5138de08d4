#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/client/remote.hpp"
#include "registry/client/seeds.hpp"
#include "registry/client/verify.hpp"

namespace reburst::client {

struct PullOptions {
  std::filesystem::path out;                 // the release's folder; must not be there, or be one that pull made
  std::vector<std::filesystem::path> seeds;  // older disk images
  RootHash root_hash;
  DiskName disk_name;
  bool everything = false;  // SBOMs and the file list too
  std::size_t jobs = 1;
};

struct Pulled {
  VerifiedRelease release;
  std::uint64_t downloaded = 0;  // bytes of the release, as they came
  std::uint64_t for_disk = 0;    // of these, for the disk: its chunks, deltas and indexes
  std::uint64_t from_seeds = 0;  // bytes of the disk that were here already
};

// Brings a release and verifies it: the disk by chunks, with what seeds and an interrupted earlier pull have, and from
// the disk what lies inside it; the other files whole. Nothing new stands at `out` before every check has passed and
// the trusted state is kept: a failure, of keeping it too, leaves there what was there.
[[nodiscard]] Result<Pulled> pull(Remote& remote, const Reference& reference, cache::Cache& cache,
                                  const PullOptions& options, Progress& progress);

}  // namespace reburst::client
