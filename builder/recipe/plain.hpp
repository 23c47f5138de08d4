#pragma once

#include <string_view>

#include "builder/recipe/node.hpp"

namespace reburst::recipe {

// What a scalar without quotes is: a flag, a number (YAML 1.2, section 10.3.2) or text.
[[nodiscard]] Kind plain_kind(std::string_view text);

}  // namespace reburst::recipe
