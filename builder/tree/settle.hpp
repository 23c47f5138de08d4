#pragma once

#include <string>
#include <string_view>

#include "core/time.hpp"

namespace reburst::tree {

// Pure functions from what a script wrote to what every build shall have.

// shadow(5): the day of the last change, where there is one, becomes the epoch's.
[[nodiscard]] std::string settled_shadow(std::string_view text, Epoch epoch);

// A Berkeley DB hash file (aliases.db and the like): the file's random id becomes zero wherever it stands (unused parts
// of pages hold copies of it), and the time that postmap(1) notes under YP_LAST_MODIFIED becomes the epoch. Anything
// else is returned as it is.
[[nodiscard]] std::string settled_berkeley_db(std::string content, Epoch epoch);

}  // namespace reburst::tree
