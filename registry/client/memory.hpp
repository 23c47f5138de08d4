#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "registry/client/root_chain.hpp"

namespace reburst::client {

// What earlier runs leave to compare with, whether it has expired since or not. Empty when the newest root no longer
// vouches for it: other keys of timestamp or snapshot (section 5.3.11), or signatures that no longer suffice. That
// is how clients recover from an attacker who moved versions forward with a stolen key.
struct Memory {
  std::optional<Accepted<tuf::Timestamp>> timestamp;
  TrustedState texts;                           // of snapshot, targets and the delegated roles
  std::map<std::string, std::uint64_t> floors;  // "web-stable.json" → the lowest version that may be listed
};

// kIntegrity when what was kept cannot be parsed.
[[nodiscard]] Result<Memory> remember(const TrustedState& trusted, const RootChain& chain);

// What a run is to leave where another run, which ended meanwhile, left `kept`: the newer of each part, and nothing
// that went back. Where the keys of timestamp or snapshot differ, versions cannot be compared, and the newer root's
// side stays (section 5.3.11). kIntegrity when the two were shown histories of which neither begins with the other.
[[nodiscard]] Result<TrustedState> newer_parts(const TrustedState& kept, TrustedState ours);

}  // namespace reburst::client
