#pragma once

#include <vector>

#include "builder/resolve/libsolv.hpp"
#include "builder/resolve/pool.hpp"

namespace reburst::resolve {

// What libsolv's solver found wrong, and what it proposes, in terms of the pool.
[[nodiscard]] std::vector<SolverProblem> read_problems(Solver* solver);

}  // namespace reburst::resolve
