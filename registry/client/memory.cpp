#include "registry/client/memory.hpp"

#include <algorithm>

#include "registry/client/history.hpp"

namespace reburst::client {

namespace {

template <class Body>
Result<tuf::Signed<Body>> read_kept(const std::string& text, const std::string& name) {
  auto parsed = with_context(tuf::parse<Body>(text, name), "reading what this machine kept of the registry");
  if (!parsed) {
    parsed.error().hint =
        "the trusted state is damaged: remove its folder, and give the registry's root again with --root";
  }
  return parsed;
}

template <class Body>
bool vouched_for(const tuf::Signed<Body>& kept, const tuf::Root& root) {
  const auto [role, keys] = authority(root, Body::kType);
  return tuf::check_threshold(kept.signed_bytes, kept.signatures, role, keys, Body::kType).has_value();
}

void raise(Memory& memory, const std::string& file, std::uint64_t version) {
  auto& floor = memory.floors[file];
  floor = std::max(floor, version);
}

Result<> remember_targets(Memory& memory, const std::string& role, const std::string& text) {
  if (text.empty()) return {};
  const auto kept = REBURST_TRY(read_kept<tuf::Targets>(text, role + ".json"));
  raise(memory, role + ".json", kept.body.header.version);
  return {};
}

template <class Body>
Result<> keep_newer(const std::string& kept, std::string& ours, const std::string& name) {
  if (kept.empty() || kept == ours) return {};
  if (!ours.empty()) {
    const auto known = REBURST_TRY(read_kept<Body>(kept, name));
    const auto offered = REBURST_TRY(read_kept<Body>(ours, name));
    if (known.body.header.version <= offered.body.header.version) return {};
  }
  ours = kept;
  return {};
}

// What no other key makes unseen.
Result<> keep_seen(const TrustedState& kept, TrustedState& ours) {
  for (const auto& [role, text] : kept.histories) {
    auto& own = ours.histories[role];
    if (text.starts_with(own)) {
      own = text;
    } else {
      REBURST_TRY(check_continues(text, own));
    }
  }
  for (const auto& [role, epoch] : kept.epochs) {
    auto& own = ours.epochs[role];
    own = std::max(own, epoch);
  }
  ours.latest_time = std::max(ours.latest_time, kept.latest_time);
  return {};
}

Result<> keep_newer_metadata(const TrustedState& kept, TrustedState& ours) {
  REBURST_TRY(keep_newer<tuf::Root>(kept.root, ours.root, "root.json"));
  REBURST_TRY(keep_newer<tuf::Timestamp>(kept.timestamp, ours.timestamp, "timestamp.json"));
  REBURST_TRY(keep_newer<tuf::Snapshot>(kept.snapshot, ours.snapshot, "snapshot.json"));
  REBURST_TRY(keep_newer<tuf::Targets>(kept.targets, ours.targets, "targets.json"));
  for (const auto& [role, text] : kept.delegated)
    REBURST_TRY(keep_newer<tuf::Targets>(text, ours.delegated[role], role + ".json"));
  return {};
}

void take_metadata(const TrustedState& kept, TrustedState& ours) {
  ours.root = kept.root;
  ours.timestamp = kept.timestamp;
  ours.snapshot = kept.snapshot;
  ours.targets = kept.targets;
  ours.delegated = kept.delegated;
}

}  // namespace

Result<TrustedState> newer_parts(const TrustedState& kept, TrustedState ours) {
  REBURST_TRY(keep_seen(kept, ours));
  if (kept.root == ours.let_go) return ours;
  const auto known = REBURST_TRY(read_kept<tuf::Root>(kept.root, "root.json"));
  const auto offered = REBURST_TRY(read_kept<tuf::Root>(ours.root, "root.json"));
  const auto before = known.body.header.version, now = offered.body.header.version;
  if (before == now || same_keepers(known.body, offered.body)) {
    REBURST_TRY(keep_newer_metadata(kept, ours));
  } else if (before > now) {
    take_metadata(kept, ours);
  }
  return ours;
}

Result<Memory> remember(const TrustedState& trusted, const RootChain& chain) {
  if (chain.keys_changed) return Memory{};
  Memory memory;
  if (!trusted.timestamp.empty()) {
    const auto kept = REBURST_TRY(read_kept<tuf::Timestamp>(trusted.timestamp, "timestamp.json"));
    if (!vouched_for(kept, chain.root)) return Memory{};
    memory.timestamp = Accepted<tuf::Timestamp>{kept.body, trusted.timestamp};
  }
  if (!trusted.snapshot.empty()) {
    const auto kept = REBURST_TRY(read_kept<tuf::Snapshot>(trusted.snapshot, "snapshot.json"));
    if (!vouched_for(kept, chain.root)) return Memory{};
    for (const auto& [file, meta] : kept.body.meta) raise(memory, file, meta.version);
  }
  REBURST_TRY(remember_targets(memory, "targets", trusted.targets));
  for (const auto& [role, text] : trusted.delegated) REBURST_TRY(remember_targets(memory, role, text));
  memory.texts = trusted;
  return memory;
}

}  // namespace reburst::client
