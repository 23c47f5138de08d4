#pragma once

#include <cstddef>
#include <functional>

#include "core/result.hpp"

namespace reburst {

// Runs work(0) … work(count-1) on up to `jobs` threads. After a failure no new item starts; the failure with the lowest
// index is returned, so the outcome does not depend on timing. jobs == 1 runs in the caller, in order: the serial
// reference.
[[nodiscard]] Result<> parallel_for(std::size_t jobs, std::size_t count,
                                    const std::function<Result<>(std::size_t)>& work);

}  // namespace reburst
