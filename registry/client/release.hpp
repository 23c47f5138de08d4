#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/result.hpp"
#include "signing/verify/tuf.hpp"

namespace reburst::client {

struct ReleaseFile {
  std::string name;  // registry::is_plain_name()
  std::uint64_t size = 0;
  Digest sha256;
  bool operator==(const ReleaseFile&) const = default;
};

// What makes the disk out of an older release's (docs/formats/chunk-delta.md).
struct DeltaFile {
  std::string from;  // the older version
  ReleaseFile file;
};

// What the targets of a channel say of one release (docs/formats/registry.md, "Targets of a channel").
struct ChannelRelease {
  std::string role, channel, version, architecture;
  std::uint64_t security_epoch = 0;
  Digest root_hash;
  std::string oci;  // "sha256:…"
  Digest chunk_index;
  std::map<std::string, std::uint64_t> inside;  // files whose bytes the disk holds too, and where
  std::vector<ReleaseFile> files;               // sorted by name
  std::vector<DeltaFile> deltas;
};

// A version is one release, whichever channels name it: the same bytes at the same places. The security epoch and the
// deltas are each channel's own.
[[nodiscard]] bool same_release(const ChannelRelease& a, const ChannelRelease& b);

// Every release of "ROLE/CHANNEL/", sorted by version; the channel's history is none. kIntegrity when a path leaves the
// channel, when `custom` is not what the format says or differs among the files of one release, and when a file's name
// or a version is unsafe.
[[nodiscard]] Result<std::vector<ChannelRelease>> releases_of(const tuf::Targets& targets, std::string_view role,
                                                              std::string_view channel);

}  // namespace reburst::client
