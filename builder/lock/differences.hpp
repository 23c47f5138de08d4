#pragma once

#include <string>
#include <vector>

#include "builder/lock/lock.hpp"

namespace reburst::lock {

// One thing that two locks say differently.
struct Difference {
  std::string kind;           // role, architecture, recipe, epoch, release, index or package
  std::string name;           // of the release, index or package; else empty
  std::string before, after;  // its value (a package's: the version); empty where one lock does not have it
  // For people: "epoch: old -> new", "index Debian/bookworm/main/amd64: old -> new", "+ name version", "- name
  // version", "name: old -> new", "name: path \"old\" -> \"new\"".
  std::string text;
};

// Empty when both give the same build.
[[nodiscard]] std::vector<Difference> differences(const Lock& before, const Lock& after);

}  // namespace reburst::lock
