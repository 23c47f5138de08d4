#include "builder/lock/lock.hpp"

#include <algorithm>
#include <map>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
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

// What a lock says of a package beside its version and content: "reason \"a\" -> \"b\", essential none -> true".
std::string changed_fields(const LockedPackage& before, const LockedPackage& after) {
  const Json old = write(before);
  const Json now = write(after);
  Json all = old;
  all.update(now);
  const auto in = [](const Json& one, const auto& name) { return one.contains(name) ? one.at(name).dump() : "none"; };
  std::string out;
  for (const auto& [name, ignored] : all.items()) {
    const auto was = in(old, name);
    const auto is = in(now, name);
    if (was != is) out += std::string(out.empty() ? "" : ", ").append(name) + " " + was + " -> " + is;
  }
  return out;
}

// What else follows from another version or another place is not told beside it.
std::string change(const LockedPackage& before, const LockedPackage& after) {
  if (before.version != after.version) return before.name + ": " + before.version + " -> " + after.version;
  if (before.sha256 != after.sha256) return before.name + ": " + before.version + " with other content";
  if (before.build_only != after.build_only) {
    return before.name + ": " + (after.build_only ? "only for the build now" : "in the image now");
  }
  const auto fields = changed_fields(before, after);
  return fields.empty() ? fields : before.name + ": " + fields;
}

constexpr std::size_t kShownDigits = 12;  // of a digest

std::string shown(const Digest& digest) {
  return digest.hex().substr(0, kShownDigits);
}

// What was read under each name: several files where mirrors of one origin differ.
using Inputs = std::map<std::string, std::string>;

void add_input(Inputs& inputs, const std::string& name, const std::string& value) {
  auto& all = inputs[name];
  all += (all.empty() ? "" : ", ") + value;
}

Inputs inputs_of(const std::vector<LockedRelease>& releases) {
  Inputs out;
  for (const auto& one : releases) {
    const auto& suite = one.codename.empty() ? one.suite : one.codename;
    add_input(out, "release " + one.origin + "/" + suite, shown(one.digest) + " of " + iso_time(one.date));
  }
  return out;
}

Inputs inputs_of(const std::vector<LockedIndex>& indexes) {
  Inputs out;
  for (const auto& one : indexes) {
    add_input(out, "index " + one.origin + "/" + one.suite + "/" + one.component + "/" + one.architecture,
              shown(one.digest));
  }
  return out;
}

// Walks two sorted maps side by side: what is only in one of them, and what is in both.
template <class Map, class Removed, class Added, class Both>
void compare(const Map& before, const Map& after, Removed removed, Added added, Both both) {
  auto left = before.begin();
  auto right = after.begin();
  while (left != before.end() || right != after.end()) {
    if (right == after.end() || (left != before.end() && left->first < right->first)) {
      removed(*left++);
    } else if (left == before.end() || right->first < left->first) {
      added(*right++);
    } else {
      both(*left++, *right++);
    }
  }
}

void compare_inputs(std::vector<std::string>& out, const Inputs& before, const Inputs& after) {
  compare(
      before, after, [&](const auto& one) { out.push_back("- " + one.first + " " + one.second); },
      [&](const auto& one) { out.push_back("+ " + one.first + " " + one.second); },
      [&](const auto& one, const auto& other) {
        if (one.second != other.second) out.push_back(one.first + ": " + one.second + " -> " + other.second);
      });
}

void compare_packages(std::vector<std::string>& out, const Lock& before, const Lock& after) {
  compare(
      by_identity(before), by_identity(after), [&](const auto& one) { out.push_back("- " + shown(*one.second)); },
      [&](const auto& one) { out.push_back("+ " + shown(*one.second)); },
      [&](const auto& one, const auto& other) {
        auto line = change(*one.second, *other.second);
        if (!line.empty()) out.push_back(std::move(line));
      });
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

std::vector<std::string> differences(const Lock& before, const Lock& after) {
  std::vector<std::string> out;
  if (before.role != after.role) out.push_back("role: " + before.role + " -> " + after.role);
  if (before.architecture != after.architecture) {
    out.push_back("architecture: " + before.architecture + " -> " + after.architecture);
  }
  if (before.recipe != after.recipe) out.push_back("recipe: " + before.recipe.hex() + " -> " + after.recipe.hex());
  if (before.epoch != after.epoch) {
    out.push_back("epoch: " + iso_time(before.epoch) + " -> " + iso_time(after.epoch));
  }
  compare_inputs(out, inputs_of(before.releases), inputs_of(after.releases));
  compare_inputs(out, inputs_of(before.indexes), inputs_of(after.indexes));
  compare_packages(out, before, after);
  return out;
}

}  // namespace reburst::lock
