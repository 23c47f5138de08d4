#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace reburst::signing {

// The bytes of TUF metadata that are signed, and of a key object that are hashed: OLPC canonical JSON (TUF 1.0.30,
// 4.1). It is canonical_json() without the final newline, and with control characters as they are: the line breaks of a
// PEM key are the only ones that metadata has. Throws std::invalid_argument on a float.
[[nodiscard]] std::string canonical_metadata(const Json& value);

// Bytes as lower-case hexadecimal digits, and back; nothing for an odd length, another digit or an upper-case one.
[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] std::optional<std::string> parse_hex(std::string_view digits);

}  // namespace reburst::signing
