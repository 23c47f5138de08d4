#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/text.hpp"
#include "registry/client/history.hpp"
#include "registry/repository/authority.hpp"
#include "registry/repository/proposal.hpp"

namespace reburst::registry {

namespace {

constexpr std::size_t kShownDigits = 12;  // of a key's id

// Root and targets as they are, and as they will be.
struct Tops {
  std::optional<tuf::Root> old_root, root;
  std::optional<tuf::Targets> old_targets, targets;
};

template <class Body>
Result<std::optional<Body>> parse_some(const std::string& text, const std::string& name) {
  if (text.empty()) return std::optional<Body>();
  return std::optional<Body>(REBURST_TRY(tuf::parse<Body>(text, name)).body);
}

Result<Tops> tops_of(const Proposal& proposal) {
  const auto proposed = [&](const char* role) {
    const auto found = proposal.roles.find(role);
    return found == proposal.roles.end() ? std::string() : found->second;
  };
  Tops out;
  out.old_root = REBURST_TRY(parse_some<tuf::Root>(proposal.root, "root"));
  out.root = REBURST_TRY(parse_some<tuf::Root>(proposed("root"), "root"));
  out.old_targets = REBURST_TRY(parse_some<tuf::Targets>(proposal.targets, "targets"));
  out.targets = REBURST_TRY(parse_some<tuf::Targets>(proposed("targets"), "targets"));
  if (!out.root) out.root = out.old_root;
  if (!out.targets) out.targets = out.old_targets;
  if (out.root && out.targets) return out;
  return fail(ErrorCode::kIntegrity, "the proposal has no root or no targets: nobody can say who has to sign it",
              "make it again with the option --propose FILE");
}

Result<std::vector<Authority>> authorities_for(const Tops& tops, const std::string& role) {
  std::vector<Authority> out;
  if (role == "root" && tops.old_root) out.push_back({tops.old_root->roles.at(role), tops.old_root->keys});
  if (role == "root" || role == "targets") {
    out.push_back({tops.root->roles.at(role), tops.root->keys});
    if (out.size() == 2 && out[0].role.keyids == out[1].role.keyids && out[0].role.threshold == out[1].role.threshold) {
      out.pop_back();
    }
    return out;
  }
  for (const auto& one : tops.targets->delegations) {
    if (one.name == role) return std::vector<Authority>{{one.keys, tops.targets->keys}};
  }
  return fail(ErrorCode::kIntegrity, "the proposal says nothing of who signs for \"" + role + "\"",
              "make it again with the option --propose FILE");
}

std::string keys_text(const tuf::RoleKeys& role, std::size_t digits) {
  std::vector<std::string> ids;
  for (const auto& id : role.keyids) ids.push_back(id.substr(0, digits));
  return std::to_string(role.threshold) + " of " + join(ids, ", ");
}

using Keys = std::map<std::string, tuf::RoleKeys>;

Keys keys_by_role(const std::optional<tuf::Targets>& targets) {
  Keys out;
  if (!targets) return out;
  for (const auto& one : targets->delegations) out[one.name] = one.keys;
  return out;
}

// "timestamp: 1 of 33a0… -> 1 of 91bc…"
std::vector<std::string> changed_keys(const Keys& before, const Keys& after) {
  std::set<std::string> names;
  for (const auto& keys : {before, after}) {
    for (const auto& [name, ignored] : keys) names.insert(name);
  }
  const auto text = [](const Keys& keys, const std::string& name, std::size_t digits = std::string::npos) {
    const auto found = keys.find(name);
    return found == keys.end() ? std::string("nobody") : keys_text(found->second, digits);
  };
  std::vector<std::string> out;
  for (const auto& name : names) {
    if (text(before, name) == text(after, name)) continue;
    const auto was = text(before, name, kShownDigits);
    const auto is = text(after, name, kShownDigits);
    const bool alike = was == is;  // somebody has searched for a key whose id begins like another's
    out.push_back("keys of " + name + ": " + (alike ? text(before, name) : was) + " -> " +
                  (alike ? text(after, name) : is));
  }
  return out;
}

std::string paths_text(const tuf::Delegation& one) {
  return join(one.paths, ", ") + (one.terminating ? "" : " (not terminating)");
}

// What a delegation that was there speaks for, and the order of those that stay; keys are changed_keys().
std::vector<std::string> changed_delegations(const tuf::Targets& before, const tuf::Targets& after) {
  std::vector<std::string> out, was_order, is_order;
  const auto find = [](const tuf::Targets& in, const std::string& name) {
    return std::find_if(in.delegations.begin(), in.delegations.end(),
                        [&](const auto& one) { return one.name == name; });
  };
  for (const auto& one : before.delegations) {
    if (find(after, one.name) != after.delegations.end()) was_order.push_back(one.name);
  }
  for (const auto& one : after.delegations) {
    const auto was = find(before, one.name);
    if (was == before.delegations.end()) continue;
    is_order.push_back(one.name);
    if (was->paths != one.paths || was->terminating != one.terminating)
      out.push_back("paths of " + one.name + ": " + paths_text(*was) + " -> " + paths_text(one));
  }
  if (was_order != is_order) out.push_back("order: " + join(was_order, ", ") + " -> " + join(is_order, ", "));
  return out;
}

std::vector<std::string> changed_targets(const Tops& tops) {
  auto out = changed_keys(keys_by_role(tops.old_targets), keys_by_role(tops.targets));
  for (auto& line : changed_delegations(tops.old_targets.value_or(tuf::Targets()), *tops.targets))
    out.push_back(std::move(line));
  return out;
}

Result<std::vector<std::string>> last_move(const Proposal& proposal, const std::string& role) {
  const auto name = split_channel_role(role);
  const auto history = proposal.histories.find(role);
  if (history == proposal.histories.end()) return std::vector<std::string>();
  const auto moves = REBURST_TRY(client::parse_history(history->second, name.role, name.channel, {}));
  if (moves.empty()) return std::vector<std::string>();
  const auto& last = moves.back();
  const auto version = [](const std::string& one) { return one.empty() ? std::string("nothing") : one; };
  return std::vector<std::string>{"last move: " + last.kind + " " + version(last.from) + " -> " + version(last.to) +
                                  " at " + iso_time(last.at) + " by " + last.by.substr(0, kShownDigits) + ": " +
                                  last.reason};
}

Result<std::vector<std::string>> changed_channel(const Proposal& proposal, const std::string& role,
                                                 const Present* present) {
  auto out = REBURST_TRY(last_move(proposal, role));
  if (present != nullptr) {
    const auto seen = present->histories.find(role);
    const auto now = proposal.histories.find(role);
    const bool both = seen != present->histories.end() && now != proposal.histories.end();
    if (both && !client::check_continues(seen->second, now->second))
      out.emplace_back("rewritten history: it does not begin with that of the registry");
  }
  const auto body = REBURST_TRY(tuf::parse<tuf::Targets>(proposal.roles.at(role), role)).body;
  for (auto& line : REBURST_TRY(release_changes(role, body, present))) out.push_back(std::move(line));
  return out;
}

template <class Body>
Result<Review> review_role(const std::string& role, const std::string& text, const std::vector<Authority>& all) {
  const auto metadata = REBURST_TRY(tuf::parse<Body>(text, role));
  Review out{.role = role, .header = metadata.body.header, .changes = {}, .signatures = {}};
  for (const auto& one : all) {
    std::vector<signing::PublicKey> counted;
    for (const auto& signature : metadata.signatures) {
      if (!one.counts(signature.keyid)) continue;
      const auto& key = one.keys.at(signature.keyid);
      if (!key.verify(metadata.signed_bytes, signature.value)) {
        return fail(ErrorCode::kSignature,
                    "the signature of " + signature.keyid.substr(0, kShownDigits) + " does not fit \"" + role +
                        "\" as it is proposed",
                    "it was changed after it was signed: do not sign it, and ask who gave it to you");
      }
      if (std::find(counted.begin(), counted.end(), key) == counted.end()) counted.push_back(key);
    }
    out.signatures.push_back({static_cast<unsigned>(counted.size()), one.role.threshold});
  }
  return out;
}

}  // namespace

bool Authority::counts(const std::string& keyid) const {
  return keys.contains(keyid) && std::find(role.keyids.begin(), role.keyids.end(), keyid) != role.keyids.end();
}

ChannelName split_channel_role(const std::string& role) {
  const auto dash = role.rfind('-');
  return {role.substr(0, dash), role.substr(dash + 1)};
}

Result<std::map<std::string, std::vector<Authority>>> authorities_of(const Proposal& proposal) {
  const auto tops = REBURST_TRY(tops_of(proposal));
  std::map<std::string, std::vector<Authority>> out;
  for (const auto& [role, text] : proposal.roles) out[role] = REBURST_TRY(authorities_for(tops, role));
  return out;
}

Result<std::vector<Review>> review(const Proposal& proposal, const Present* present) {
  if (present != nullptr && !is_made_of(proposal, *present)) present = nullptr;  // it cannot tell what is new
  const auto tops = REBURST_TRY(tops_of(proposal));
  const auto all = REBURST_TRY(authorities_of(proposal));
  std::vector<Review> out;
  for (const auto& [role, text] : proposal.roles) {
    if (role == "root") {
      out.push_back(REBURST_TRY(review_role<tuf::Root>(role, text, all.at(role))));
      out.back().changes = changed_keys(tops.old_root ? tops.old_root->roles : Keys(), tops.root->roles);
    } else {
      out.push_back(REBURST_TRY(review_role<tuf::Targets>(role, text, all.at(role))));
      out.back().changes =
          role == "targets" ? changed_targets(tops) : REBURST_TRY(changed_channel(proposal, role, present));
    }
  }
  return out;
}

bool is_complete(const std::vector<Review>& reviews) {
  return std::all_of(reviews.begin(), reviews.end(), [](const auto& one) {
    return std::all_of(one.signatures.begin(), one.signatures.end(),
                       [](const auto& count) { return count.given >= count.needed; });
  });
}

}  // namespace reburst::registry
