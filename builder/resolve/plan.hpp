#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "builder/resolve/local_package.hpp"
#include "builder/resolve/pool.hpp"
#include "builder/resolve/resolution.hpp"
#include "builder/source/archive.hpp"
#include "core/result.hpp"

namespace reburst::resolve {

struct Local {
  std::string file_name;
  LocalPackage package;
};

// The request in terms of the pool.
struct Plan {
  std::map<PackageId, Local> locals;
  std::optional<PackageId> provided;
  std::vector<PackageId> requested;           // in the recipe's order
  std::map<PackageId, std::string> virtuals;  // the reason of those that stand for a virtual name
  std::vector<PackageId> essential;           // by name
  std::vector<bool> candidates;               // the one version of each name that may be installed
  std::vector<PackageId> excluded;
  std::vector<Unsolvable::Problem> problems;

  [[nodiscard]] std::vector<PackageId> roots() const {
    auto out = requested;
    for (const auto package : essential) {
      if (std::find(out.begin(), out.end(), package) == out.end()) out.push_back(package);
    }
    return out;
  }
  [[nodiscard]] std::vector<PackageId> present() const {
    return provided ? std::vector<PackageId>{*provided} : std::vector<PackageId>{};
  }
};

// Takes the local packages into the pool, chooses each name's candidate and restricts the pool to them. What the recipe
// asks for and cannot have is in `problems`.
[[nodiscard]] Result<Plan> make_plan(const Request& request, const source::Archive& archive, PackagePool& pool);

}  // namespace reburst::resolve
