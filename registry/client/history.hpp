#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/verify/key.hpp"

// The history of a channel (docs/formats/registry.md, "History").
namespace reburst::client {

inline constexpr std::string_view kMoveType = "application/vnd.reburst.move+json";

inline constexpr std::size_t kMaxText = 4096;  // bytes of a reason

// One move of a channel.
struct Move {
  std::string kind;  // publish, promote or yank
  std::string role, channel;
  std::string from, to;  // versions; empty: nothing
  std::string version;   // what was yanked; empty for the other kinds
  std::string reason;
  std::string by;  // PublicKey::id() of who moved it
  Epoch at = 0;
};

// The moves, oldest first. kIntegrity unless each line is a DSSE envelope of this role's and channel's, its payload is
// canonical, its `previous` is the digest of the line before, its `from` is the `to` before, and its kind is known.
// kSignature unless `by` has signed it, where `keys` has that key. A key that was replaced since is not in `keys`:
// lines of such keys are vouched for by the history's digest in the TUF targets alone, so the text must have been
// compared with it.
[[nodiscard]] Result<std::vector<Move>> parse_history(std::string_view text, std::string_view role,
                                                      std::string_view channel,
                                                      const std::vector<signing::PublicKey>& keys);

// kIntegrity when `now` does not begin with all of `seen`: what this machine has seen of a history stays.
[[nodiscard]] Result<> check_continues(std::string_view seen, std::string_view now);

// What is signed for a move that is added to `history`: canonical JSON without its final newline. The line is the
// envelope's canonical JSON.
[[nodiscard]] std::string move_payload(const Move& move, std::string_view history);

}  // namespace reburst::client
