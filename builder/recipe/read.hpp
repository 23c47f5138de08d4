#pragma once

#include "builder/recipe/inherit.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/result.hpp"

namespace reburst::recipe {

// The typed recipe of a merged document, defaults filled in, with `merged` and `digest`: reads every file that it
// names.
[[nodiscard]] Result<Recipe> read_recipe(const Inherited& inherited);

}  // namespace reburst::recipe
