#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/client/remote.hpp"
#include "registry/client/trust.hpp"

// What belongs to a bundle (docs/formats/bundle.md), as its metadata says: the writer puts in exactly this, and the
// reader accepts nothing else.
namespace reburst::bundle {

// A disk is not in the bundle: its chunks are.
struct Disk {
  std::string path, index;  // relative to the registry; the chunk index may be a key of Wanted::links
};

struct Wanted {
  std::vector<client::ChannelName> channels;       // that the bundle holds
  std::set<std::string> metadata;                  // relative to the registry, as all paths here
  std::map<std::string, tuf::TargetFile> targets;  // whose bytes the bundle has
  std::map<std::string, std::string> links;        // target → the target or disk that has the same bytes
  std::vector<Disk> disks;                         // that differ
  std::set<Digest> digests;                        // of all of these
};

// `held`: the delegated roles whose releases the bundle has; of the others it has the history alone, so that a client
// can list what there is. kMissing for a role that is not in `delegated`, kIntegrity for one that is no channel and for
// a disk without a chunk index.
[[nodiscard]] Result<Wanted> want(const tuf::Targets& targets, const std::map<std::string, tuf::Targets>& delegated,
                                  const std::map<std::string, std::uint64_t>& versions,
                                  const std::vector<std::string>& held);

// The chunk index of a disk in `registry`, and what its chunks are called there: the path and the plain size of each.
[[nodiscard]] Result<chunks::Index> read_index(const std::filesystem::path& registry, const Wanted& wanted,
                                               const Disk& disk);
[[nodiscard]] Result<std::map<std::string, std::uint64_t>> want_chunks(const std::filesystem::path& registry,
                                                                       const Wanted& wanted);

// The order of entries: bundle.json, metadata/, targets/, images/, oci/, chunks/, and by name in each. What says which
// of the others are allowed comes before them.
enum class Section { kHeld, kMetadata, kTargets, kImages, kOci, kChunks, kNone };
[[nodiscard]] Section section_of(std::string_view path);
[[nodiscard]] bool comes_before(std::string_view a, std::string_view b);

}  // namespace reburst::bundle
