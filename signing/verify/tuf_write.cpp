#include "signing/verify/canonical.hpp"
#include "signing/verify/tuf.hpp"

namespace reburst::tuf {

namespace {

constexpr std::string_view kSpecVersion = "1.0.30";

Json body(std::string_view type, const Header& header) {
  return {{"_type", type},
          {"expires", iso_time(header.expires)},
          {"spec_version", kSpecVersion},
          {"version", header.version}};
}

Json keys_json(const std::map<std::string, PublicKey>& keys) {
  Json out = Json::object();
  for (const auto& [id, key] : keys) out[id] = key.to_tuf();
  return out;
}

Json role_json(const RoleKeys& role) {
  return {{"keyids", role.keyids}, {"threshold", role.threshold}};
}

Json meta_json(const MetaFile& file) {
  Json out = {{"version", file.version}};
  if (file.length) out["length"] = *file.length;
  if (file.sha256) out["hashes"] = {{"sha256", file.sha256->hex()}};
  return out;
}

Json target_json(const TargetFile& file) {
  Json out = {{"hashes", {{"sha256", file.sha256.hex()}}}, {"length", file.length}};
  if (!file.custom.empty()) out["custom"] = file.custom;
  return out;
}

Json delegation_json(const Delegation& delegation) {
  Json out = role_json(delegation.keys);
  out["name"] = delegation.name;
  out["paths"] = delegation.paths;
  out["terminating"] = delegation.terminating;
  return out;
}

}  // namespace

Json to_json(const Root& root) {
  Json out = body(Root::kType, root.header);
  out["consistent_snapshot"] = true;
  out["keys"] = keys_json(root.keys);
  out["roles"] = Json::object();
  for (const auto& [name, role] : root.roles) out["roles"][name] = role_json(role);
  return out;
}

Json to_json(const Timestamp& timestamp) {
  Json out = body(Timestamp::kType, timestamp.header);
  out["meta"] = {{"snapshot.json", meta_json(timestamp.snapshot)}};
  return out;
}

Json to_json(const Snapshot& snapshot) {
  Json out = body(Snapshot::kType, snapshot.header);
  out["meta"] = Json::object();
  for (const auto& [name, file] : snapshot.meta) out["meta"][name] = meta_json(file);
  return out;
}

Json to_json(const Targets& targets) {
  Json out = body(Targets::kType, targets.header);
  out["targets"] = Json::object();
  for (const auto& [path, file] : targets.targets) out["targets"][path] = target_json(file);
  if (targets.keys.empty() && targets.delegations.empty()) return out;
  out["delegations"] = {{"keys", keys_json(targets.keys)}, {"roles", Json::array()}};
  for (const auto& delegation : targets.delegations) out["delegations"]["roles"].push_back(delegation_json(delegation));
  return out;
}

std::string signed_bytes(const Json& body) {
  return signing::canonical_metadata(body);
}

}  // namespace reburst::tuf
