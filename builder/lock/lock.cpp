#include "builder/lock/lock.hpp"

#include <map>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/time.hpp"

namespace reburst::lock {

namespace {

constexpr std::uint64_t kMaxLock = 64U << 20U;

Json write(const LockedPackage& package) {
  Json out = {{"architecture", package.architecture},
              {"component", package.component},
              {"name", package.name},
              {"origin", package.origin},
              {"path", package.path},
              {"priority", package.priority},
              {"reason", package.reason},
              {"sha256", package.sha256.hex()},
              {"size", package.size},
              {"source", package.source},
              {"suite", package.suite},
              {"version", package.version}};
  // What is so of few packages is written only where it is so.
  if (package.essential) out["essential"] = true;
  if (package.requested) out["requested"] = true;
  if (package.build_only) out["build_only"] = true;
  return out;
}

Json write(const LockedRelease& release) {
  return {{"codename", release.codename},
          {"date", iso_time(release.date)},
          {"origin", release.origin},
          {"sha256", release.digest.hex()},
          {"suite", release.suite}};
}

Json write(const LockedIndex& index) {
  return {{"architecture", index.architecture}, {"component", index.component}, {"origin", index.origin},
          {"sha256", index.digest.hex()},       {"size", index.size},           {"suite", index.suite}};
}

template <class T>
Json write_all_of(const std::vector<T>& list) {
  Json out = Json::array();
  for (const auto& one : list) out.push_back(write(one));
  return out;
}

// By name and architecture; the architecture is shown only where a name has several.
std::map<std::pair<std::string, std::string>, const LockedPackage*> by_identity(const Lock& lock) {
  std::map<std::pair<std::string, std::string>, const LockedPackage*> out;
  for (const auto& package : lock.packages) out[{package.name, package.architecture}] = &package;
  return out;
}

std::string shown(const LockedPackage& package) {
  return package.name + " " + package.version + (package.build_only ? " (build only)" : "");
}

std::string change(const LockedPackage& before, const LockedPackage& after) {
  if (before.version != after.version) return before.name + ": " + before.version + " -> " + after.version;
  if (before.sha256 != after.sha256) return before.name + ": " + before.version + " with other content";
  if (before.build_only != after.build_only) {
    return before.name + ": " + (after.build_only ? "only for the build now" : "in the image now");
  }
  return {};
}

}  // namespace

std::string to_text(const Lock& lock) {
  return canonical_json({{"architecture", lock.architecture},
                         {"epoch", iso_time(lock.epoch)},
                         {"indexes", write_all_of(lock.indexes)},
                         {"lock", 1},
                         {"packages", write_all_of(lock.packages)},
                         {"recipe", lock.recipe.hex()},
                         {"releases", write_all_of(lock.releases)},
                         {"role", lock.role}});
}

Result<Lock> read(const fs::path& path) {
  const std::string text = REBURST_TRY(read_file(path, kMaxLock));
  return parse(text, path.string());
}

Digest digest(const Lock& lock) {
  return sha256(to_text(lock));
}

Result<> check_recipe(const Lock& lock, const Digest& recipe, const std::string& role) {
  if (lock.recipe == recipe) return {};
  return fail(ErrorCode::kLock,
              "the lock of \"" + role + "\" was made from another recipe\n  locked:  " + lock.recipe.hex() +
                  "\n  present: " + recipe.hex(),
              "run \"reburst lock " + role + "\" to renew it");
}

std::vector<std::string> differences(const Lock& before, const Lock& after) {
  const auto old_packages = by_identity(before);
  const auto new_packages = by_identity(after);
  std::vector<std::string> out;
  if (before.role != after.role) out.push_back("role: " + before.role + " -> " + after.role);
  if (before.architecture != after.architecture) {
    out.push_back("architecture: " + before.architecture + " -> " + after.architecture);
  }
  if (before.recipe != after.recipe) out.push_back("recipe: " + before.recipe.hex() + " -> " + after.recipe.hex());
  auto left = old_packages.begin();
  auto right = new_packages.begin();
  while (left != old_packages.end() || right != new_packages.end()) {
    if (right == new_packages.end() || (left != old_packages.end() && left->first < right->first)) {
      out.push_back("- " + shown(*(left++)->second));
    } else if (left == old_packages.end() || right->first < left->first) {
      out.push_back("+ " + shown(*(right++)->second));
    } else {
      auto line = change(*(left++)->second, *(right++)->second);
      if (!line.empty()) out.push_back(std::move(line));
    }
  }
  return out;
}

}  // namespace reburst::lock
