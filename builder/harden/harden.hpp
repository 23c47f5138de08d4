#pragma once

#include <string>
#include <vector>

#include "builder/tree/tree.hpp"
#include "core/result.hpp"

namespace reburst::harden {

// One control that was enforced or found violated.
struct Finding {
  std::string control;  // stable id, such as "no-package-manager"
  bool passed = false;
  std::string detail;  // what was changed, or what was expected and found
};

// Enforces the first measure on a configured tree (before normalise): real folders, no package manager, no setuid or
// setgid files but the allow-list, locked root, no SSH host keys, an empty machine-id, no mounts by partition type.
// Findings that did not pass are a value, not an Error.
[[nodiscard]] Result<std::vector<Finding>> harden(tree::Tree& tree);

}  // namespace reburst::harden
