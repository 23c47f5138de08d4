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

}  // namespace reburst::client
