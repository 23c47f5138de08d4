#pragma once

#include "builder/pipeline.hpp"

namespace reburst {

// kLock when a lock that was found lacks an Essential package of the indexes that it was made from. Passes where the
// cache has not all of them: an archive that moved on serves them no more, and a lock outlives it.
[[nodiscard]] Result<> require_essential(const std::string& role, const recipe::Recipe& recipe, const lock::Lock& lock,
                                         const cache::Cache& cache, const PipelineOptions& options);

}  // namespace reburst
