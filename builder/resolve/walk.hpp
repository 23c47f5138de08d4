#pragma once

#include <vector>

#include "builder/resolve/needs.hpp"
#include "builder/resolve/pool.hpp"

namespace reburst::resolve {

// Marks packages as `apt-get install` would in an empty root (apt's pkgDepCache::MarkInstall): depth first, the first
// installable alternative, a real name before its providers, providers by priority. The pool holds candidates only. The
// set may be unsatisfied or hold packages that nothing needs any more: the solver proves or repairs it. `present`
// packages count as installed from the start. Returns ids in ascending order, with roots and `present`.
[[nodiscard]] std::vector<PackageId> walk(PackagePool& pool, NeedsReader& needs, std::vector<PackageId> roots,
                                          const std::vector<PackageId>& present, bool recommends);

}  // namespace reburst::resolve
