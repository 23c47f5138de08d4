#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst {

// Objects keep their keys sorted by bytes, so a value has one order whoever built it.
using Json = nlohmann::json;

// Canonical form (docs/formats/canonical-json.md): RFC 8785 for values without floating point; sorted keys, no
// blanks, UTF-8, then one newline. Throws std::invalid_argument on a float or invalid UTF-8: callers never put those
// in.
[[nodiscard]] std::string canonical_json(const Json& value);

// Parses at most `max_depth` nested levels; duplicate keys, floats, trailing text and invalid UTF-8 are errors
// (kIntegrity). `name` is quoted in the error.
[[nodiscard]] Result<Json> parse_json(std::string_view text, std::string_view name, std::size_t max_depth = 64);

// A member that must be there with that type; otherwise kIntegrity naming `name` and the key.
[[nodiscard]] Result<std::string> json_string(const Json& object, std::string_view key, std::string_view name);
[[nodiscard]] Result<std::uint64_t> json_unsigned(const Json& object, std::string_view key, std::string_view name);

}  // namespace reburst
