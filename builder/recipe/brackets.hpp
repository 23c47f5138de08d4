#pragma once

#include <cstddef>
#include <string_view>

namespace reburst::recipe {

// Whether the "[" or "{" at `open` has its end before the text has (YAML 1.2, section 7.4): brackets in quotes and
// comments do not count.
[[nodiscard]] bool is_closed(std::string_view text, std::size_t open);

}  // namespace reburst::recipe
