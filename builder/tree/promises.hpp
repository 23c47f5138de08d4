#pragma once

#include <string>
#include <vector>

#include "builder/recipe/recipe.hpp"
#include "builder/tree/tree.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// A file that the recipe adds, as it stands when the recipe's own part is done.
struct Promise {
  std::string path;  // in the image
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // permission bits
};

// The files under `files:` that are in the tree after customise().
[[nodiscard]] Result<std::vector<Promise>> promised_files(const Tree& tree, const recipe::Recipe& recipe);

// kRecipe when hardening or normalising has taken one of them away or changed it: the image would silently lack what
// its recipe says.
[[nodiscard]] Result<> require_promised(const Tree& tree, const std::vector<Promise>& promises);

// kRecipe when hardening or normalising has put something back that image.exclude names: the image would silently hold
// what its recipe leaves out.
[[nodiscard]] Result<> require_excluded(const Tree& tree, const recipe::Recipe& recipe);

}  // namespace reburst::tree
