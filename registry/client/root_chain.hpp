#pragma once

#include <string>
#include <vector>

#include "registry/client/listed.hpp"

namespace reburst::client {

// The newest root that the trusted one leads to (section 5.3), expired or not.
struct RootChain {
  tuf::Root root;
  std::string name;                // the file it came from, for messages
  std::vector<std::string> texts;  // from the trusted root on
  bool keys_changed = false;       // some step changed the keys of timestamp or snapshot (section 5.3.11)
};

// Whether both have the same keys and thresholds of timestamp and snapshot.
[[nodiscard]] bool same_keepers(const tuf::Root& before, const tuf::Root& after);

[[nodiscard]] Result<RootChain> follow_roots(const Run& run, const std::string& trusted);

// The roots from the trusted one to the newest of `metadata`, for somebody who trusts that one: a machine that has seen
// a newer one begins its own chain there. `fetch` brings the versions before (the registry keeps them all). kIntegrity
// when the trusted root does not lead to the newest.
[[nodiscard]] Result<std::vector<std::string>> roots_since(const std::string& trusted, const VerifiedMetadata& metadata,
                                                           const FetchMetadata& fetch);

}  // namespace reburst::client
