#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "registry/client/release.hpp"
#include "signing/verify/tuf.hpp"

// The client workflow of The Update Framework 1.0.30, section 5, in its order.
namespace reburst::client {

// Brings "metadata/NAME" of the registry, at most `max_bytes` (kIntegrity beyond); kMissing when it is not there.
using FetchMetadata = std::function<Result<std::string>(const std::string& name, std::uint64_t max_bytes)>;

// What a client believes between two runs, as received; kept expired too, for comparison. Empty texts: not yet known.
struct TrustedState {
  std::string root, timestamp, snapshot, targets;
  std::map<std::string, std::string> delegated;  // "web-stable" → text
  std::map<std::string, std::string> histories;  // "web-stable" → its channel's history as last seen; update() keeps it
  std::map<std::string, std::uint64_t> epochs;  // "web-stable" → the highest security epoch seen; update() keeps it
  std::string let_go;     // not kept: the root whose timestamp and snapshot update() no longer compares with (5.3.11)
  Epoch latest_time = 0;  // the latest time known: a clock that was set back is not believed
};

// Reads a state folder (docs/formats/trust-state.md), or nothing where there is none; kIntegrity when it is damaged.
// `write_state` replaces it by one rename: a kill at any moment leaves the old state or the new one. Of what another
// run has written since `state` was begun, the newer parts stay: it never puts an older version over a newer one.
// kIntegrity when what is there is damaged, or contradicts `state`. `then` runs before the next run may read or write,
// with what stands there now; its failure takes nothing back.
using WithState = std::function<Result<>(const TrustedState& state)>;
[[nodiscard]] Result<std::optional<TrustedState>> read_state(const std::filesystem::path& folder);
[[nodiscard]] Result<> write_state(const std::filesystem::path& folder, const TrustedState& state,
                                   const WithState& then = {});

// The latest time of all states below `folder`; 0 where there is none. As read_state().
[[nodiscard]] Result<Epoch> latest_time(const std::filesystem::path& folder);

// The name of the folder for what is seen under a trusted root, by registry: the digest of what its keys have signed,
// so that white space or one more signature makes no machine forget. Text that is no root has a name too; update()
// refuses it.
[[nodiscard]] std::string state_name(std::string_view root);

// A delegated role that passed every check but the last one.
struct Lapsed {
  Epoch expires = 0;
  Error why;
};

// Metadata that has passed every check, and the state to be kept once what it names has passed too.
struct VerifiedMetadata {
  tuf::Root root;
  tuf::Snapshot snapshot;
  tuf::Targets targets;
  std::map<std::string, tuf::Targets> delegated;  // those that were asked for
  std::map<std::string, Lapsed> lapsed;           // those that nobody named and that have expired: they say nothing
  std::vector<std::string> roots;                 // the texts of the root chain from the trusted root on
  TrustedState state;
};

// What a client takes at most, in bytes: of root, timestamp and snapshot; of targets and a channel's metadata; of a
// history. A publisher that writes more is read by nobody.
inline constexpr std::uint64_t kMaxTopMetadata = 1U << 20U;
inline constexpr std::uint64_t kMaxTargetsMetadata = 10U << 20U;
inline constexpr std::uint64_t kMaxHistory = 10U << 20U;

struct UpdateOptions {
  Epoch now = 0;                            // the machine's clock; the later of it and TrustedState::latest_time counts
  std::vector<std::string> delegated = {};  // "web-stable"; empty: all that targets delegates to and that hold
  std::uint64_t max_root = kMaxTopMetadata;  // the same for timestamp and snapshot
  std::uint64_t max_targets = kMaxTargetsMetadata;
  unsigned max_root_steps = 1024;
};

// What update() asks beyond the specification: a root chain longer than max_root_steps is refused instead of left off,
// and only targets delegates (registries of Reburst have one level).
//
// From `trusted` (whose root is the only thing that must be there) to the newest metadata that `fetch` gives. Nothing
// is written. kSignature, kExpired (freeze) and kIntegrity (rollback, mix-and-match, wrong hash or length, endless
// data) name the file and the rule with its section, such as "(TUF 5.5.5: rollback)". Where all roles are asked for, a
// delegated one that has expired is set aside (docs/adr/0019-lapsed-channel.md).
[[nodiscard]] Result<VerifiedMetadata> update(const TrustedState& trusted, const FetchMetadata& fetch,
                                              const UpdateOptions& options);

// The target file and the delegated role that speaks for it: the first delegation in order whose pattern matches
// decides when it is terminating (section 5.6.7). Only roles that were asked for are looked into; one that has expired
// ends the search. Nothing when no role names it.
struct FoundTarget {
  std::string role;
  tuf::TargetFile file;
};
[[nodiscard]] std::optional<FoundTarget> find_target(const VerifiedMetadata& metadata, const std::string& path);

// The releases of a channel, as releases_of() reads them; none when the channel is not there. kExpired for one that has
// lapsed; kIntegrity for a file
// that the channel's delegation does not reach (TUF 1.0.30, 5.6.7): a role speaks only for its own paths.
[[nodiscard]] Result<std::vector<ChannelRelease>> channel_releases(const VerifiedMetadata& metadata,
                                                                   const std::string& role, const std::string& channel);

}  // namespace reburst::client
