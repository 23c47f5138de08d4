#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "registry/client/rules.hpp"
#include "registry/client/trust.hpp"

namespace reburst::client {

// One run of the workflow. `now` is fixed when it starts (section 5.1).
struct Run {
  const FetchMetadata& fetch;
  const UpdateOptions& options;
  Epoch now = 0;
};

// A metadata file that has passed, with the bytes that were received.
template <class Body>
struct Accepted {
  Body body;
  std::string text;
};

// Who may sign a file.
struct Authority {
  const tuf::RoleKeys& role;
  const std::map<std::string, tuf::PublicKey>& keys;
};

[[nodiscard]] Authority authority(const tuf::Root& root, std::string_view role);

// At most `most` bytes of metadata/NAME; more is refused under `endless`, whatever `fetch` makes of its bound.
[[nodiscard]] Result<std::string> bring(const Run& run, const std::string& name, std::uint64_t most,
                                        const Rule& endless);

// Parses, then counts the signatures: nothing else of it is looked at before they hold.
template <class Body>
[[nodiscard]] Result<Accepted<Body>> accept(std::string text, const std::string& name, const Authority& authority,
                                            const Rule& threshold);

// What the sections 5.5 and 5.6 ask alike of a file that other metadata lists.
struct ListedRules {
  Rule endless, hash, threshold, version, freeze;
};
inline constexpr ListedRules kSnapshotRules{{"5.5.1", "endless data"},
                                            {"5.5.2", "mix-and-match"},
                                            {"5.5.3", "arbitrary software"},
                                            {"5.5.4", "mix-and-match"},
                                            {"5.5.6", "freeze"}};
inline constexpr ListedRules kTargetsRules{{"5.6.1", "endless data"},
                                           {"5.6.2", "mix-and-match"},
                                           {"5.6.3", "arbitrary software"},
                                           {"5.6.4", "mix-and-match"},
                                           {"5.6.5", "freeze"}};

struct Listed {
  std::string role;    // snapshot, targets, web-stable
  tuf::MetaFile meta;  // as listed
  std::string lister;  // the file that lists it, for messages
  Authority authority;
  std::uint64_t most = 0;    // bytes
  const std::string& known;  // the text of an earlier run: not fetched again when the listed digest is its own
  const ListedRules& rules;

  [[nodiscard]] std::string name() const { return std::to_string(meta.version) + "." + role + ".json"; }
};

// All rules but the freeze, which comes last (check_fresh).
template <class Body>
[[nodiscard]] Result<Accepted<Body>> accept_listed(const Run& run, const Listed& listed);

}  // namespace reburst::client
