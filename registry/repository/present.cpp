#include "registry/repository/present.hpp"

#include <algorithm>
#include <set>

#include "registry/client/history.hpp"
#include "registry/client/release.hpp"
#include "registry/repository/authority.hpp"
#include "registry/repository/channel.hpp"

namespace reburst::registry {

namespace {

constexpr std::string_view kHint = "do not sign or publish it, and ask who gave it to you";

bool is_top(const std::string& role) {
  return role == "root" || role == "targets";
}

Result<> require_same(const tuf::Targets& proposed, const std::string& role, const tuf::Targets& known,
                      const std::string& other, const std::string& where) {
  const auto name = split_channel_role(role);
  const auto other_name = split_channel_role(other);
  if (name.role != other_name.role) return {};
  const auto theirs = REBURST_TRY(client::releases_of(known, other_name.role, other_name.channel));
  for (const auto& release : REBURST_TRY(client::releases_of(proposed, name.role, name.channel))) {
    const auto same =
        std::find_if(theirs.begin(), theirs.end(), [&](const auto& one) { return one.version == release.version; });
    if (same == theirs.end() || client::same_release(release, *same)) continue;
    return fail(
        ErrorCode::kIntegrity,
        "the proposal for \"" + role + "\" has another release " + release.version + " than \"" + other + "\" " + where,
        std::string(kHint) + ": a version is one release in every channel");
  }
  return {};
}

template <class Map>
typename Map::mapped_type find_or_none(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type() : found->second;
}

// The releases that the channel has, and what it points to.
Result<std::set<std::string>> versions_in(const tuf::Targets& targets, const ChannelName& name) {
  std::set<std::string> out;
  for (const auto& release : REBURST_TRY(client::releases_of(targets, name.role, name.channel)))
    out.insert(release.version);
  return out;
}

Result<std::string> current_in(const std::string& history, const ChannelName& name) {
  const auto moves = REBURST_TRY(client::parse_history(history, name.role, name.channel, {}));
  return moves.empty() ? std::string() : moves.back().to;
}

// What was yanked after the proposal was made comes into no channel by it. What a channel has had all the time stays.
Result<> require_not_yanked(const tuf::Targets& proposed, const std::string& role, const Proposal& proposal,
                            const Present& present) {
  const auto name = split_channel_role(role);
  auto coming = REBURST_TRY(versions_in(proposed, name));
  for (const auto& had : REBURST_TRY(versions_in(find_or_none(present.delegated, role), name))) coming.erase(had);
  const auto to = REBURST_TRY(current_in(find_or_none(proposal.histories, role), name));
  if (to != REBURST_TRY(current_in(find_or_none(present.histories, role), name))) coming.insert(to);
  for (const auto& [version, reason] : find_or_none(present.yanked, name.role)) {
    if (!coming.contains(version)) continue;
    return fail(
        ErrorCode::kUsage,
        "the proposal lets \"" + role + "\" have \"" + name.role + "\" " + version + ", which was yanked: " + reason,
        "do not publish it: propose another version");
  }
  return {};
}

}  // namespace

Result<Present> present_of(const Metadata& metadata, const Proposal& proposal) {
  Present out{.root = metadata.root_text(),
              .targets = metadata.targets_text(),
              .delegated = metadata.delegated(),
              .histories = {},
              .yanked = {}};
  for (const auto& [role, ignored] : proposal.roles) {
    if (is_top(role)) continue;
    const auto name = split_channel_role(role);
    if (!out.yanked.contains(name.role)) out.yanked[name.role] = REBURST_TRY(yanked_versions(metadata, name.role));
    out.histories[role] = REBURST_TRY(read_channel(metadata, name.role, name.channel)).history;
  }
  return out;
}

bool is_made_of(const Proposal& proposal, const Present& present) {
  return proposal.root == present.root && proposal.targets == present.targets;
}

Result<> check_delegations(const tuf::Targets& targets) {
  for (const auto& one : targets.delegations) {
    const auto name = split_channel_role(one.name);
    const bool channel = one.name.find('-') != std::string::npos;
    if (channel && one.terminating && one.paths == channel_paths(name.role, name.channel)) continue;
    return fail(ErrorCode::kIntegrity,
                "the proposal lets the keys of \"" + one.name + "\" speak for other paths than those of its channel",
                std::string(kHint) +
                    ": the delegation of web-stable is terminating, with the paths web/stable/* and "
                    "web/stable/*/*");
  }
  return {};
}

Result<> check_follows(const Present& present, const Proposal& proposal) {
  std::map<std::string, tuf::Targets> proposed;
  for (const auto& [role, text] : proposal.roles) {
    if (!is_top(role)) proposed[role] = REBURST_TRY(tuf::parse<tuf::Targets>(text, role)).body;
  }
  for (const auto& [role, targets] : proposed) {
    const auto seen = present.histories.find(role);
    const auto now = proposal.histories.find(role);
    if (seen != present.histories.end()) {
      auto follows = client::check_continues(seen->second, now == proposal.histories.end() ? "" : now->second);
      if (!follows) return with_context(std::move(follows), "the proposal for \"" + role + "\"");
    }
    REBURST_TRY(require_not_yanked(targets, role, proposal, present));
    for (const auto& [other, known] : present.delegated)
      REBURST_TRY(require_same(targets, role, known, other, "of the registry"));
    for (const auto& [other, known] : proposed)
      REBURST_TRY(require_same(targets, role, known, other, "as it is proposed"));
  }
  return {};
}

}  // namespace reburst::registry
