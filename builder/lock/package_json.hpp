#pragma once

#include "builder/lock/lock.hpp"
#include "core/json.hpp"

namespace reburst::lock {

// A package as it stands in a lock (docs/formats/lock.md).
[[nodiscard]] Json package_json(const LockedPackage& package);

}  // namespace reburst::lock
