#include "builder/lock/lock.hpp"

#include <algorithm>
#include <map>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/time.hpp"

namespace reburst::lock {

namespace {

constexpr std::uint64_t kMaxLock = 64U << 20U;
constexpr std::string_view kBootStubPackage = "systemd-boot-efi";

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

// As make_lock takes it from the archive.
Epoch newest_date(const Lock& lock) {
  Epoch newest = 0;
  for (const auto& release : lock.releases) newest = std::max(newest, release.date);
  return newest;
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

Result<> check_recipe(const Lock& lock, const Expected& expected) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kLock, "the lock of \"" + expected.role + "\" " + why,
                "run \"reburst lock " + expected.role + "\" to renew it");
  };
  const auto differs = [&](const std::string& why, const std::string& locked, const std::string& present) {
    return refuse(why + "\n  locked:  " + locked + "\n  present: " + present);
  };
  if (lock.role != expected.role) return differs("was made for another role", lock.role, expected.role);
  if (lock.recipe != expected.recipe) {
    return differs("was made from another recipe", lock.recipe.hex(), expected.recipe.hex());
  }
  const Epoch epoch = expected.epoch.value_or(newest_date(lock));
  if (lock.epoch != epoch) {
    return differs(expected.epoch ? "has another epoch than its recipe" : "has another epoch than its releases",
                   iso_time(lock.epoch), iso_time(epoch));
  }
  const bool stub = std::any_of(lock.packages.begin(), lock.packages.end(),
                                [](const auto& package) { return package.name == kBootStubPackage; });
  if (expected.bootable && !stub) {
    return refuse("has no package \"" + std::string(kBootStubPackage) + "\", and the recipe has a kernel to boot");
  }
  return {};
}

Result<std::optional<Lock>> find(const std::optional<fs::path>& named, const fs::path& folder,
                                 const Expected& expected) {
  const auto beside = folder / (expected.role + ".lock");
  std::error_code ignored;
  if (!named && !fs::exists(beside, ignored)) return std::nullopt;
  auto lock = REBURST_TRY(read(named.value_or(beside)));
  REBURST_TRY(check_recipe(lock, expected));
  return lock;
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
