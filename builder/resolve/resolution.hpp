#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "builder/source/archive.hpp"
#include "core/digest.hpp"

namespace reburst::resolve {

// What is asked of the archive. Names are as in a recipe: "name" or "name=version".
struct Request {
  std::vector<std::string> install;
  std::vector<std::string> exclude;
  bool recommends = false;
  bool essential = true;              // add every Essential package (apt itself is not one)
  std::vector<std::string> provided;  // virtual names that the builder itself offers, such as linux-initramfs-tool
  std::vector<std::filesystem::path> local;  // .deb files: installed, and before any archive's package of their name
};

// One chosen package.
struct Package {
  std::string name, version, architecture;
  std::string path;  // the index's Filename, relative to the mirror; for a local package its file name
  std::uint64_t size = 0;
  Digest sha256;
  std::size_t index = 0;  // position in Archive::indexes; == indexes.size() for a local package
  std::string priority;   // required, important, …
  std::string source;     // source package name (with " (version)" only when it differs)
  bool essential = false;
  bool requested = false;  // named by the request itself
  std::string reason;  // "nginx-light Depends: libc6 (>= 2.34)"; when requested: "Provides: httpd" where by that name,
                       // else empty
  std::string required_by;  // the package whose dependency pulled this one in; empty when requested or Essential
};

// Sorted by name, then architecture. Every dependency of every package is satisfied inside the set.
struct Resolution {
  std::vector<Package> packages;
  std::vector<std::string> unknown_excludes =
      {};  // excluded names that no index has: a mistake, or a package long gone
};

// No set satisfies the request. A domain outcome, not an Error.
struct Unsolvable {
  struct Problem {
    std::string what;                    // libsolv's problem in the recipe's words
    std::vector<std::string> solutions;  // what could be changed
  };
  std::vector<Problem> problems;
};

using Outcome = std::variant<Resolution, Unsolvable>;

}  // namespace reburst::resolve
