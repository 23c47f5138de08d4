#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reburst::recipe {

// The offset of the first byte that is not well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates), if any.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// The offset of the first control character (C0 but tab, LF and CR before LF; DEL; C1; directional overrides), if any.
// `text` is well-formed UTF-8.
[[nodiscard]] std::optional<std::size_t> find_control(std::string_view text);

// Text between double quotes as YAML and JSON readers both take it: what find_control() finds as \uXXXX, line ends and
// quotes escaped. `text` is well-formed UTF-8.
[[nodiscard]] std::string double_quoted(std::string_view text);

}  // namespace reburst::recipe
