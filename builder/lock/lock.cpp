#include "builder/lock/lock.hpp"

#include <algorithm>

#include "builder/lock/package_json.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

namespace reburst::lock {

namespace {

constexpr std::uint64_t kMaxLock = 64U << 20U;

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

Json write(const LockedPackage& package) {
  return package_json(package);
}

template <class T>
Json write_all_of(const std::vector<T>& list) {
  Json out = Json::array();
  for (const auto& one : list) out.push_back(write(one));
  return out;
}

// Whether `entry` ("name", or "name=version") is what `package` was asked for as. A virtual name stands in the reason
// of the package that it came to.
bool answers(const LockedPackage& package, std::string_view entry) {
  constexpr std::string_view kProvides = "Provides: ";
  if (!package.requested || package.build_only) return false;
  const auto equals = entry.find('=');
  if (package.name == entry.substr(0, equals))
    return equals == std::string_view::npos || package.version == entry.substr(equals + 1);
  if (equals != std::string_view::npos || !package.reason.starts_with(kProvides)) return false;
  const auto names = split(std::string_view(package.reason).substr(kProvides.size()), ',');
  return std::any_of(names.begin(), names.end(), [&](std::string_view one) { return trim(one) == entry; });
}

// What the recipe asks for and the lock has not, as the end of a refusal; empty when it has everything.
std::string lacking(const Lock& lock, const Expected& expected) {
  const auto none = [&](const auto& fits) { return std::none_of(lock.packages.begin(), lock.packages.end(), fits); };
  for (const auto& entry : expected.install) {
    if (none([&](const auto& package) { return answers(package, entry); }))
      return "has no package \"" + entry + "\", and the recipe asks for it";
  }
  for (const auto& file : expected.local) {
    if (none([&](const auto& package) { return is_local(package) && !package.build_only && package.path == file; }))
      return "has no package of the file \"" + file + "\", which the recipe's packages.local names";
  }
  const bool stub = !none([](const auto& package) { return package.name == kBootStubPackage; });
  if (!expected.bootable || stub) return {};
  return "has no package \"" + std::string(kBootStubPackage) + "\", and the recipe has a kernel to boot";
}

// As make_lock takes it from the archive.
Epoch newest_date(const Lock& lock) {
  Epoch newest = 0;
  for (const auto& release : lock.releases) newest = std::max(newest, release.date);
  return newest;
}

tl::unexpected<Error> refuse(const Expected& expected, const std::string& why) {
  return fail(ErrorCode::kLock, "the lock of \"" + expected.role + "\" " + why,
              "run \"" + expected.renew + "\" to renew it");
}

}  // namespace

Json package_json(const LockedPackage& package) {
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
  const auto text = read_regular_file(path, kMaxLock);
  if (text) return parse(*text, path.string());
  Error error = text.error();
  if (error.code == ErrorCode::kMissing) error.hint = "a lock is a file that the verb \"lock\" writes: check the path";
  return fail(std::move(error));
}

Digest digest(const Lock& lock) {
  return sha256(to_text(lock));
}

Result<> check_recipe(const Lock& lock, const Expected& expected) {
  const auto differs = [&](const std::string& why, const std::string& locked, const std::string& present) {
    return refuse(expected, why + "\n  locked:  " + locked + "\n  present: " + present);
  };
  if (lock.role != expected.role) {  // renewing it would take the other role's lock away
    auto other = differs("was made for another role", lock.role, expected.role);
    other.value().hint = "name a lock of \"" + expected.role + "\"";
    return other;
  }
  if (lock.recipe != expected.recipe) {
    return differs("was made from another recipe", lock.recipe.hex(), expected.recipe.hex());
  }
  if (lock.architecture != expected.architecture)
    return differs("was made for another architecture", lock.architecture, expected.architecture);
  for (const auto& package : lock.packages) {
    const auto& own = expected.local;
    if (!is_local(package) || std::find(own.begin(), own.end(), package.path) != own.end()) continue;
    return refuse(expected, "has the local package \"" + package.name + "\" of the file \"" + package.path +
                                "\", which the recipe's packages.local does not name");
  }
  const Epoch epoch = expected.epoch.value_or(newest_date(lock));
  if (lock.epoch != epoch) {
    return differs(expected.epoch ? "has another epoch than its recipe" : "has another epoch than its releases",
                   iso_time(lock.epoch), iso_time(epoch));
  }
  const auto missing = lacking(lock, expected);
  if (!missing.empty()) return refuse(expected, missing);
  return {};
}

Result<> check_essential(const Lock& lock, const std::set<std::string, std::less<>>& essential,
                         const Expected& expected) {
  std::set<std::string_view> present(expected.exclude.begin(), expected.exclude.end());
  for (const auto& package : lock.packages) {
    if (!package.build_only) present.insert(package.name);
  }
  for (const auto& name : essential) {
    if (!present.contains(name))
      return refuse(expected, "has no package \"" + name + "\", which is Essential in the indexes it was made from");
  }
  return {};
}

Result<std::optional<Lock>> find(const std::optional<fs::path>& named, const fs::path& folder,
                                 const Expected& expected) {
  const auto beside = folder / (expected.role + ".lock");
  std::error_code ignored;
  if (!named && !fs::exists(beside, ignored)) return std::nullopt;
  const auto path = named.value_or(beside);
  auto lock = read(path);
  // Where something else than a file stands, the command could not put one.
  if (!lock && (lock.error().code == ErrorCode::kLock || !fs::exists(path, ignored)))
    lock.error().hint = "run \"" + expected.renew + "\" to make it";
  if (!lock) return fail(std::move(lock).error());
  REBURST_TRY(check_recipe(*lock, expected));
  return std::move(*lock);
}

}  // namespace reburst::lock
