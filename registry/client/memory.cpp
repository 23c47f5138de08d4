#include "registry/client/memory.hpp"

#include <algorithm>

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

}  // namespace

Result<Memory> remember(const TrustedState& trusted, const RootChain& chain) {
  if (chain.keys_changed) return Memory{};
  Memory memory;
  if (!trusted.timestamp.empty()) {
    auto kept = REBURST_TRY(read_kept<tuf::Timestamp>(trusted.timestamp, "timestamp.json"));
    if (!vouched_for(kept, chain.root)) return Memory{};
    memory.timestamp = Accepted<tuf::Timestamp>{std::move(kept.body), trusted.timestamp};
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
