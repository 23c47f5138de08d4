#include "builder/harden/harden.hpp"

#include "builder/harden/controls.hpp"
#include "builder/tree/beneath.hpp"

namespace reburst::harden {

Result<std::vector<Finding>> harden(tree::Tree& tree) {
  const tree::Beneath root = REBURST_TRY(tree::Beneath::open(tree.root));
  std::vector<Finding> findings;
  for (const Control& control : catalogue()) {
    Outcome outcome =
        REBURST_TRY(with_context(control.enforce(root), "enforcing the control \"" + std::string(control.id) + "\""));
    findings.push_back({std::string(control.id), outcome.passed, std::move(outcome.detail)});
    if (control.ground && !outcome.passed) break;
  }
  return findings;
}

}  // namespace reburst::harden
