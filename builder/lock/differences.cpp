#include "builder/lock/differences.hpp"

#include <map>
#include <set>

#include "builder/lock/package_json.hpp"
#include "core/time.hpp"

namespace reburst::lock {

namespace {

using Packages = std::map<std::string, const LockedPackage*>;

// Names that a lock has for several architectures.
std::set<std::string> several(const Lock& before, const Lock& after) {
  std::set<std::string> out;
  for (const auto* lock : {&before, &after}) {
    std::set<std::string> seen;
    for (const auto& package : lock->packages) {
      if (!seen.insert(package.name).second) out.insert(package.name);
    }
  }
  return out;
}

// By name, and by architecture where a name has several.
Packages by_identity(const Lock& lock, const std::set<std::string>& several) {
  Packages out;
  for (const auto& package : lock.packages)
    out[package.name + (several.contains(package.name) ? ":" + package.architecture : "")] = &package;
  return out;
}

std::string shown(const std::string& name, const LockedPackage& package) {
  return name + " " + package.version + (package.build_only ? " (build only)" : "");
}

// What a lock says of a package beside its version and content: "reason \"a\" -> \"b\", essential none -> true".
std::string changed_fields(const LockedPackage& before, const LockedPackage& after) {
  const Json old = package_json(before);
  const Json now = package_json(after);
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
std::string change(const std::string& name, const LockedPackage& before, const LockedPackage& after) {
  if (before.version != after.version) return name + ": " + before.version + " -> " + after.version;
  if (before.sha256 != after.sha256) return name + ": " + before.version + " with other content";
  if (before.build_only != after.build_only) {
    return name + ": " + (after.build_only ? "only for the build now" : "in the image now");
  }
  const auto fields = changed_fields(before, after);
  return fields.empty() ? fields : name + ": " + fields;
}

constexpr std::size_t kShownDigits = 12;  // of a digest

std::string shown(const Digest& digest) {
  return digest.hex().substr(0, kShownDigits);
}

// What was read under each name, by kind and name: several files where mirrors of one origin differ.
using Inputs = std::map<std::pair<std::string, std::string>, std::string>;

void add_input(Inputs& inputs, const char* kind, const std::string& name, const std::string& value) {
  auto& all = inputs[{kind, name}];
  all += (all.empty() ? "" : ", ") + value;
}

Inputs inputs_of(const std::vector<LockedRelease>& releases) {
  Inputs out;
  for (const auto& one : releases) {
    const auto& suite = one.codename.empty() ? one.suite : one.codename;
    add_input(out, "release", one.origin + "/" + suite, shown(one.digest) + " of " + iso_time(one.date));
  }
  return out;
}

Inputs inputs_of(const std::vector<LockedIndex>& indexes) {
  Inputs out;
  for (const auto& one : indexes) {
    add_input(out, "index", one.origin + "/" + one.suite + "/" + one.component + "/" + one.architecture,
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

void compare_inputs(std::vector<Difference>& out, const Inputs& before, const Inputs& after) {
  const auto words = [](const auto& one) { return one.first.first + " " + one.first.second; };
  compare(
      before, after,
      [&](const auto& one) {
        out.push_back({one.first.first, one.first.second, one.second, {}, "- " + words(one) + " " + one.second});
      },
      [&](const auto& one) {
        out.push_back({one.first.first, one.first.second, {}, one.second, "+ " + words(one) + " " + one.second});
      },
      [&](const auto& one, const auto& other) {
        if (one.second == other.second) return;
        out.push_back({one.first.first, one.first.second, one.second, other.second,
                       words(one) + ": " + one.second + " -> " + other.second});
      });
}

void compare_packages(std::vector<Difference>& out, const Lock& before, const Lock& after) {
  const auto ambiguous = several(before, after);
  compare(
      by_identity(before, ambiguous), by_identity(after, ambiguous),
      [&](const auto& one) {
        out.push_back({"package", one.first, one.second->version, {}, "- " + shown(one.first, *one.second)});
      },
      [&](const auto& one) {
        out.push_back({"package", one.first, {}, one.second->version, "+ " + shown(one.first, *one.second)});
      },
      [&](const auto& one, const auto& other) {
        auto line = change(one.first, *one.second, *other.second);
        if (line.empty()) return;
        out.push_back({"package", one.first, one.second->version, other.second->version, std::move(line)});
      });
}

void compare_value(std::vector<Difference>& out, const std::string& kind, const std::string& before,
                   const std::string& after) {
  if (before != after) out.push_back({kind, {}, before, after, kind + ": " + before + " -> " + after});
}

}  // namespace

std::vector<Difference> differences(const Lock& before, const Lock& after) {
  std::vector<Difference> out;
  compare_value(out, "role", before.role, after.role);
  compare_value(out, "architecture", before.architecture, after.architecture);
  compare_value(out, "recipe", before.recipe.hex(), after.recipe.hex());
  compare_value(out, "epoch", iso_time(before.epoch), iso_time(after.epoch));
  compare_inputs(out, inputs_of(before.releases), inputs_of(after.releases));
  compare_inputs(out, inputs_of(before.indexes), inputs_of(after.indexes));
  compare_packages(out, before, after);
  return out;
}

}  // namespace reburst::lock
