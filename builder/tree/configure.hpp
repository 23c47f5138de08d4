#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "builder/recipe/recipe.hpp"
#include "builder/tree/beneath.hpp"
#include "builder/tree/package.hpp"
#include "builder/tree/sandbox.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// What dpkg would run, by the target's own shell and dpkg. A script that fails is kScript with the package's name, the
// script's kind and the end of its output.
[[nodiscard]] Result<> run_preinst(const Beneath& root, const Sandbox& sandbox, const Package& package,
                                   const std::string& dpkg_version);

// Configures what is unpacked and runs triggers: all of it, or the named packages and what they need.
[[nodiscard]] Result<> configure(const Sandbox& sandbox, const std::vector<std::string>& names);

// Puts the recipe's debconf answers into the tree's debconf database; kRecipe when the tree has no debconf.
[[nodiscard]] Result<> preseed(const Beneath& root, const Sandbox& sandbox,
                               const std::vector<recipe::DebconfAnswer>& answers);

// invoke-rc.d(8): no service is started while packages are configured.
[[nodiscard]] Result<> forbid_services(const Beneath& root);
[[nodiscard]] Result<> allow_services(const Beneath& root);

}  // namespace reburst::tree
