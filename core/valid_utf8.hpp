#pragma once

#include <string>
#include <string_view>

namespace reburst {

// The text with every byte that is no part of well-formed UTF-8 replaced by U+FFFD: fit for JSON.
[[nodiscard]] std::string valid_utf8(std::string_view bytes);

}  // namespace reburst
