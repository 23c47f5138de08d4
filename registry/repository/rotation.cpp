// Other keys: how readers of the old root and of the new one get the same registry at every moment.
#include <algorithm>

#include "core/file.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/metadata.hpp"
#include "registry/repository/old_keys.hpp"

namespace reburst::registry {

namespace {

bool same_keys(const tuf::RoleKeys& a, const tuf::RoleKeys& b) {
  const auto set = [](const auto& ids) { return std::set<std::string>(ids.begin(), ids.end()); };
  return a.threshold == b.threshold && set(a.keyids) == set(b.keyids);
}

bool is_root(std::string_view name) {
  return name.ends_with(".root");
}

}  // namespace

Result<std::vector<std::string>> Metadata::rotate_keys(std::vector<std::unique_ptr<signing::Signer>> old_keys) {
  std::vector<std::string> out;
  const auto renew_keys = [&](const std::string& role, tuf::RoleKeys& present, auto& keys) -> Result<bool> {
    auto wanted = REBURST_TRY(keys_of(role, keys));
    const bool same = same_keys(present, wanted);
    present = std::move(wanted);
    if (!same) out.push_back(role);
    return !same;
  };
  old_keys_ = std::move(old_keys);
  next_.root.keys.clear();
  next_.targets.keys.clear();
  for (auto& [role, keys] : next_.root.roles) {
    if (!REBURST_TRY(renew_keys(role, keys, next_.root.keys))) continue;
    changed_.insert("root");
    if (role == "targets") changed_.insert(role);  // every commit signs snapshot and timestamp
  }
  for (auto& one : next_.targets.delegations) {
    if (REBURST_TRY(renew_keys(one.name, one.keys, next_.targets.keys))) changed_.insert({"targets", one.name});
  }
  return out;
}

// What the keys that leave sign as well is valid under both roots. Whoever has none of them places the root first.
Result<> Metadata::find_old_keys() {
  if (!changed_.contains("root") && ahead_.empty()) return {};
  const bool is_new = versions_.empty();  // no reader has a root of it, but its chain may end in other keys
  const auto& before = is_new ? base_ : current_.root;
  std::set<std::string> leave;
  for (const char* role : {"root", "targets", "snapshot", "timestamp"}) {
    const auto old = before.roles.find(role);
    if (old == before.roles.end() || is_new != (role == std::string_view("root"))) continue;
    const auto& stay = next_.root.roles.at(role).keyids;
    for (const auto& id : old->second.keyids) {
      if (std::find(stay.begin(), stay.end(), id) == stay.end()) leave.insert(id);
    }
  }
  for (const auto& key : old_keys_) leave.erase(key->public_key().id());
  for (auto& key : signers_beside(publisher_, leave)) old_keys_.push_back(std::move(key));
  return {};
}

// The timestamp is what readers see, and comes last but for a new root. That is seen the moment that it is there: after
// the timestamp where this is valid under the old root too, so that no reader is ever refused; else, as for a first
// root, just before. The second of the two is at hand for whoever finds this half done. Of several roots the first
// comes last: nobody sees the others before.
Result<> Metadata::write(const std::vector<File>& files) const {
  const fs::path folder = registry_ / "metadata";
  const auto path = [&](const File& file) { return folder / (file.name + ".json"); };
  const auto& timestamp = files.back();
  std::vector<File> others, roots;
  for (const auto& file : files) {
    (is_root(file.name) ? roots : others).push_back(file);
    if (!is_root(file.name) && &file != &timestamp) REBURST_TRY(write_file_atomic(path(file), file.text));
  }
  const bool both = !roots.empty() && !versions_.empty() && check(others);
  if (!both) REBURST_TRY(write_file_atomic(folder / kNextTimestampName, timestamp.text));
  for (std::size_t i = roots.size(); i > 1; --i) REBURST_TRY(write_file_atomic(path(roots[i - 1]), roots[i - 1].text));
  if (both) {
    REBURST_TRY(write_file_atomic(folder / kNextRootName, roots.front().text));
    REBURST_TRY(write_file_atomic(folder / "timestamp.json", timestamp.text));
    REBURST_TRY(rename_path(folder / kNextRootName, path(roots.front())));
    return sync_directory(folder);
  }
  if (!roots.empty()) REBURST_TRY(write_file_atomic(path(roots.front()), roots.front().text));
  REBURST_TRY(rename_path(folder / kNextTimestampName, folder / "timestamp.json"));
  return sync_directory(folder);
}

// A commit that was killed before the root that comes last: placed now, if the metadata that readers see is valid under
// it. Before the timestamp it is not, and goes.
Result<> Metadata::finish_root(client::VerifiedMetadata& loaded) const {
  const fs::path next = registry_ / "metadata" / kNextRootName;
  std::error_code ignored;
  if (read_only_ || !fs::exists(next, ignored)) return {};
  const auto version = loaded.root.header.version + 1;
  auto text = REBURST_TRY(read_file(next, client::kMaxTopMetadata));
  auto checked = check({{std::to_string(version) + ".root", std::move(text)}});
  if (!checked || checked->root.header.version < version) return remove_tree(next);
  REBURST_TRY(rename_path(next, registry_ / metadata_path("root", version)));
  loaded = std::move(*checked);
  return sync_directory(registry_ / "metadata");
}

}  // namespace reburst::registry
