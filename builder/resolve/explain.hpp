#pragma once

#include <string>
#include <vector>

#include "builder/resolve/pool.hpp"
#include "builder/resolve/resolution.hpp"

namespace reburst::resolve {

// A name that no package has. Names its nearest neighbours.
[[nodiscard]] Unsolvable::Problem unknown_name(const PackagePool& pool, const std::string& name);
// A version that no index has; `versions` are those of the name.
[[nodiscard]] Unsolvable::Problem unknown_version(const PackagePool& pool, const std::string& name,
                                                  const std::string& version, const std::vector<PackageId>& versions);
// Another version than the one that packages.local brings of that name.
[[nodiscard]] Unsolvable::Problem shadowed_version(const PackagePool& pool, const std::string& entry, PackageId local);
// A virtual name with several providers, as apt refuses it.
[[nodiscard]] Unsolvable::Problem virtual_name(const PackagePool& pool, const std::string& name,
                                               const std::vector<PackageId>& providers);
[[nodiscard]] Unsolvable::Problem excluded_name(const std::string& name);

// The solver's problem in the recipe's words. `roots` are the packages that the recipe asked for, `essential` those
// that every image has.
[[nodiscard]] Unsolvable::Problem explain(PackagePool& pool, const SolverProblem& problem,
                                          const std::vector<PackageId>& roots, const std::vector<PackageId>& essential);

}  // namespace reburst::resolve
