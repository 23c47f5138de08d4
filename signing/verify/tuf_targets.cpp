#include <algorithm>

#include "signing/verify/tuf_metadata.hpp"

namespace reburst::tuf {

namespace {

Result<TargetFile> read_target(const Document& document, const Json& json, const std::string& place) {
  Members members(document, json, place);
  TargetFile out;
  out.length = REBURST_TRY(members.number("length", 0, kMaxNumber));
  const Json* hashes = REBURST_TRY(members.object("hashes", kMaxMembers));
  out.sha256 = REBURST_TRY(Members(document, *hashes, members.place("hashes")).digest("sha256"));
  if (members.has("custom")) out.custom = *REBURST_TRY(members.object("custom", kMaxMembers));
  return out;
}

Result<std::vector<std::string>> read_patterns(const Document& document, Members& members) {
  // A client that passed over these would look into the role for every path.
  if (members.has("path_hash_prefixes")) {
    return document.refuse(members.place("path_hash_prefixes"), "delegation by hash is not supported");
  }
  const Json* paths = REBURST_TRY(members.list("paths", kMaxPatterns));
  std::vector<std::string> out;
  for (const auto& path : *paths) {
    if (!path.is_string() || !is_pattern(path.get_ref<const std::string&>())) {
      return document.refuse(members.place("paths"), path.dump() + " is not a path pattern");
    }
    out.push_back(path.get<std::string>());
  }
  if (out.empty()) return document.refuse(members.place("paths"), "there is none");
  return out;
}

Result<Delegation> read_delegation(const Document& document, const Json& json, const std::string& place,
                                   const std::map<std::string, PublicKey>& keys) {
  Members members(document, json, place);
  Delegation out;
  out.name = REBURST_TRY(members.text("name"));
  if (!is_delegated_name(out.name)) {
    return document.refuse(members.place("name"), "\"" + out.name + "\" cannot be the name of a delegated role");
  }
  out.keys = REBURST_TRY(read_role(document, members, keys));
  out.paths = REBURST_TRY(read_patterns(document, members));
  out.terminating = REBURST_TRY(members.flag("terminating"));
  return out;
}

Result<> read_delegations(const Document& document, const Json& json, Targets& out) {
  const std::string place = "signed.delegations";
  Members members(document, json, place);
  out.keys = REBURST_TRY(read_keys(document, members));
  const Json* roles = REBURST_TRY(members.list("roles", kMaxDelegations));
  for (const auto& role : *roles) {
    const auto here = place + ".roles[" + std::to_string(out.delegations.size()) + "]";
    auto next = REBURST_TRY(read_delegation(document, role, here, out.keys));
    const auto same = [&](const Delegation& other) { return other.name == next.name; };
    if (std::any_of(out.delegations.begin(), out.delegations.end(), same)) {
      return document.refuse(here, "the role \"" + next.name + "\" stands twice");
    }
    out.delegations.push_back(std::move(next));
  }
  return {};
}

}  // namespace

Result<> read_targets(const Document& document, Members& members, Targets& out) {
  const Json* targets = REBURST_TRY(members.object("targets", kMaxTargets));
  for (const auto& [path, file] : targets->items()) {
    const auto place = members.place("targets." + path);
    if (!is_target_path(path)) return document.refuse(place, "it is not a target path");
    out.targets.emplace(path, REBURST_TRY(read_target(document, file, place)));
  }
  if (!members.has("delegations")) return {};
  return read_delegations(document, *REBURST_TRY(members.object("delegations", kMaxMembers)), out);
}

}  // namespace reburst::tuf
