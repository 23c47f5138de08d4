#include "registry/repository/present.hpp"

#include <algorithm>

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

}  // namespace

Result<Present> present_of(const Metadata& metadata, const Proposal& proposal) {
  Present out{.root = metadata.root_text(),
              .targets = metadata.targets_text(),
              .delegated = metadata.delegated(),
              .histories = {}};
  for (const auto& [role, ignored] : proposal.roles) {
    if (is_top(role)) continue;
    const auto name = split_channel_role(role);
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
    for (const auto& [other, known] : present.delegated)
      REBURST_TRY(require_same(targets, role, known, other, "of the registry"));
    for (const auto& [other, known] : proposed)
      REBURST_TRY(require_same(targets, role, known, other, "as it is proposed"));
  }
  return {};
}

}  // namespace reburst::registry
