#pragma once

#include "builder/recipe/shape.hpp"

namespace reburst::recipe {

// The format of a recipe, version 1. The JSON Schema recipes/schema/recipe-v1.json says the same (a test compares the
// two).
[[nodiscard]] const Shape& recipe_shape();

// Validates one recipe as written, before anything is merged: the version first, so that a recipe of a later version is
// named as such.
[[nodiscard]] Result<> validate_recipe(const Node& root);

}  // namespace reburst::recipe
