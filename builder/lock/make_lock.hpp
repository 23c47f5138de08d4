#pragma once

#include <optional>
#include <string>
#include <vector>

#include "builder/lock/lock.hpp"
#include "builder/resolve/resolution.hpp"
#include "builder/source/archive.hpp"

namespace reburst::lock {

struct LockInput {
  std::string role;
  Digest recipe;               // Recipe::digest
  std::optional<Epoch> epoch;  // what the recipe pins; else the newest Date of the releases
};

// Writes down every input of a build. `build_only` packages are read by the builder and never installed; one that is in
// the image anyway stays there. kLock when two packages of one name and architecture would have to be locked.
[[nodiscard]] Result<Lock> make_lock(const LockInput& input, const source::Archive& archive,
                                     const resolve::Resolution& resolution, const resolve::Resolution& build_only);

// The packages of the image as the resolver gave them, build-only ones left out; `required_by` is read from `reason`,
// and `index` names none.
[[nodiscard]] resolve::Resolution image_packages(const Lock& lock);

// Where the archive's mirrors may have `package`: first the mirrors of its own index, then any mirror of its origin.
// Empty for a local package, and when no mirror of the origin is configured.
[[nodiscard]] std::vector<std::string> find_uris(const LockedPackage& package, const source::Archive& archive);

}  // namespace reburst::lock
