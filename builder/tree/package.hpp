#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "builder/tree/control.hpp"
#include "builder/tree/deb.hpp"
#include "builder/tree/tree.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// A line of a package's `conffiles`.
struct Conffile {
  std::string path;  // "/etc/x"
  bool remove_on_upgrade = false;
};

// A package on its way into the tree.
struct Package {
  std::string name, version, architecture;
  std::string info_name;  // "libc6:amd64" for Multi-Arch: same, else the name (dpkg's info/ files, triggers)
  bool essential = false;
  Stanza control;
  std::map<std::string, std::string> control_files;
  std::vector<Conffile> conffiles;
  std::vector<Relation> replaces;
  std::filesystem::path file;
  std::uint64_t data_size = 0;  // compressed
  std::string label;            // how messages call it: "bash 5.2.15-2"

  std::vector<Entry> entries;     // once unpacked
  std::filesystem::path staging;  // where its files wait for merging

  [[nodiscard]] bool has_script(const std::string& kind) const { return control_files.contains(kind); }
  [[nodiscard]] bool is_conffile(std::string_view path) const;  // without the leading slash
};

// Reads the control part and checks it against the lock's name, version and architecture (kPackage).
[[nodiscard]] Result<Package> read_package(const PackageFile& file);

// Positions of the Essential packages and of everything that they need, in `packages`' order.
[[nodiscard]] std::vector<std::size_t> essential_set(const std::vector<Package>& packages);

// `members` and everything that they need (Pre-Depends, Depends), in `packages`' order.
[[nodiscard]] std::vector<std::size_t> with_dependencies(const std::vector<Package>& packages,
                                                         std::vector<std::size_t> members);

// Orders `members` so that every package comes after what it Pre-Depends on and what that needs; otherwise the order
// given.
[[nodiscard]] std::vector<std::size_t> unpack_order(const std::vector<Package>& packages,
                                                    const std::vector<std::size_t>& members);

// Positions that the field (Pre-Depends, Depends) of `package` needs: for each group the first alternative in the set.
[[nodiscard]] std::vector<std::size_t> needed_by(const std::vector<Package>& packages, std::size_t package,
                                                 std::string_view field);

}  // namespace reburst::tree
