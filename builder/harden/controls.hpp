#pragma once

#include <span>
#include <string>
#include <string_view>

#include "builder/tree/beneath.hpp"
#include "core/result.hpp"

namespace reburst::harden {

// What enforcing one control came to: `passed` when the tree now fulfils it; `detail` says what was changed or what is
// wrong.
struct Outcome {
  bool passed = false;
  std::string detail;
};

// One row of the catalogue: a stable id and the function that enforces it on a configured tree.
struct Control {
  std::string_view id;
  Result<Outcome> (*enforce)(const tree::Beneath& root);
  bool ground = false;  // the controls after it stand on it: they are not tried where it fails
};

// Every control, in the order in which they are enforced (docs/reference/hardening.md).
[[nodiscard]] std::span<const Control> catalogue();

}  // namespace reburst::harden
