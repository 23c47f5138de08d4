#pragma once

#include <string>
#include <vector>

#include "builder/resolve/needs.hpp"
#include "builder/resolve/pool.hpp"

namespace reburst::resolve {

// A package that stays, and why.
struct Kept {
  PackageId package = 0;
  PackageId required_by = 0;  // 0: a root
  std::string reason;         // "libc-bin Depends: libc6 (>> 2.36)"; empty for a root
};

// What `roots` reach inside the set, breadth first in their order, so that each reason is the first of a shortest
// chain. Whatever satisfies a need stays, as for apt's autoremove; the rest, which nothing needs, is left out. The pool
// is restricted to the set.
[[nodiscard]] std::vector<Kept> keep_needed(PackagePool& pool, NeedsReader& needs, const std::vector<PackageId>& roots,
                                            bool recommends);

}  // namespace reburst::resolve
