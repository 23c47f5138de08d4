// One chain of roots for all registries of a key folder (docs/adr/0022-one-root-many-registries.md).
#include "core/file.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/key_roots.hpp"
#include "registry/repository/metadata.hpp"

namespace reburst::registry {

namespace {

constexpr Epoch kDay = 86400;
constexpr std::string_view kRootEnding = ".root.json";

bool same_ids(const tuf::RoleKeys& a, const tuf::RoleKeys& b) {
  return a.threshold == b.threshold && std::set<std::string>(a.keyids.begin(), a.keyids.end()) ==
                                           std::set<std::string>(b.keyids.begin(), b.keyids.end());
}

// 3 of "3.root.json"; 0 for any other name.
std::uint64_t root_version(const std::string& name) {
  constexpr std::size_t kMaxDigits = 18;
  if (!name.ends_with(kRootEnding)) return 0;
  const auto number = name.substr(0, name.size() - kRootEnding.size());
  const bool digits = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  return digits && number.size() <= kMaxDigits ? std::stoull(number) : 0;
}

}  // namespace

Result<> Metadata::begin() {
  REBURST_TRY(begin_with(REBURST_TRY(read_key_roots(publisher_.keys.path))));
  if (ahead_.empty()) return {};
  REBURST_TRY(rotate_keys({}));  // keys.json may have changed since
  const auto life = static_cast<Epoch>(signing::role_setup(publisher_.keys, "root").expires_days) * kDay;
  const bool due = base_.header.expires - publisher_.now < life / 3;
  if (due && REBURST_TRY(can_sign("root"))) renew("root");
  return {};
}

Result<> Metadata::begin_with(std::vector<std::string> roots) {
  if (!versions_.empty())
    return fail(ErrorCode::kUsage, "\"" + registry_.string() + "\" has roots already", "name another folder");
  sweep_roots();
  const auto kept = REBURST_TRY(read_key_roots(publisher_.keys.path));
  other_roots_ = roots.empty() ? !kept.empty() : !begins_with(roots, kept) && !begins_with(kept, roots);
  ahead_.clear();
  base_ = {};
  next_.root = {};
  changed_ = {"targets"};
  if (!roots.empty()) return adopt(std::move(roots));
  changed_.insert("root");
  for (const char* role : {"root", "targets", "snapshot", "timestamp"}) {
    next_.root.roles[role] = REBURST_TRY(keys_of(role, next_.root.keys));
  }
  return {};
}

Result<> Metadata::adopt(std::vector<std::string> roots) {
  if (roots.empty()) return {};
  ahead_ = std::move(roots);
  next_.root = REBURST_TRY(tuf::parse<tuf::Root>(ahead_.back(), "root.json")).body;
  base_ = next_.root;
  const auto before = current_.root.roles.find("targets");
  const bool same = before != current_.root.roles.end() && same_ids(before->second, base_.roles.at("targets"));
  if (!same) changed_.insert("targets");
  return {};
}

// A key folder that has other roots, or none that are newer, has nothing to say.
Result<> Metadata::follow_key_folder() {
  auto roots = REBURST_TRY(read_key_roots(publisher_.keys.path));
  other_roots_ = !begins_with(roots, current_.roots) && !begins_with(current_.roots, roots);
  if (!begins_with(roots, current_.roots)) return {};
  roots.erase(roots.begin(), roots.begin() + static_cast<std::ptrdiff_t>(current_.roots.size()));
  return adopt(std::move(roots));
}

// Before anybody sees the new root: a registry that is killed then gets it from the key folder, and no other registry
// gets another one of the same version.
Result<> Metadata::keep_roots(const std::vector<File>& files) const {
  if (publisher_.keys.path.empty() || other_roots_) return {};
  auto roots = current_.roots;
  for (const auto& file : files) {
    if (root_version(file.name + ".json") == roots.size() + 1) roots.push_back(file.text);
  }
  const Fd lock = lock_key_roots(publisher_.keys.path);
  const auto kept = REBURST_TRY(read_key_roots(publisher_.keys.path));
  const bool own = changed_.contains("root");
  if (!begins_with(roots, kept)) {
    if (!own || begins_with(kept, roots)) return {};
    return fail(ErrorCode::kUsage,
                "another registry of \"" + publisher_.keys.path.string() + "\" got a new root at the same time",
                "try again: this one gets that root too");
  }
  const auto written = write_key_roots(publisher_.keys.path, roots);
  return own ? written : Result<>();
}

// Above a version that is not there no reader finds a root; what lies there was left by a kill.
void Metadata::sweep_roots() const {
  const auto newest = versions_.empty() ? 0 : current_.root.header.version;
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(registry_ / "metadata", error), end; !error && at != end; at.increment(error)) {
    if (root_version(at->path().filename().string()) > newest) found.push_back(at->path());
  }
  for (const auto& path : found) (void)remove_tree(path);  // what cannot be removed is found again
}

}  // namespace reburst::registry
