#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/text.hpp"

// Values in texts: each has one spelling, and whatever differs is refused.
namespace reburst::boot {

// Text of which `size` bytes from `at` are there. (std::string_view::substr() may throw, which does not link here.)
[[nodiscard]] inline std::string_view slice(std::string_view text, std::size_t at, std::size_t size) {
  return {text.data() + at, size};
}

// Lower-case hexadecimal digits that fill `bytes` exactly.
[[nodiscard]] bool parse_hex(std::string_view text, std::span<std::uint8_t> bytes);

// Decimal without sign or leading zeros, at most `most`.
[[nodiscard]] bool parse_number(std::string_view text, std::uint64_t most, std::uint64_t& number);

// Letters, digits and "._-+~", beginning with neither "." nor "-", at most `most` bytes.
[[nodiscard]] bool is_name(std::string_view text, std::size_t most);
// A role's or channel's name: [a-z][a-z0-9-]*, at most 64.
[[nodiscard]] bool is_label(std::string_view text);

// Seconds since 1970, UTC. "2026-11-21T16:10:27Z", and "20261121T161027Z" as versions of releases are; years from 1970
// to 9999, no leap seconds.
[[nodiscard]] bool parse_time(std::string_view text, std::uint64_t& seconds);
[[nodiscard]] bool parse_version_time(std::string_view text, std::uint64_t& seconds);
[[nodiscard]] Text<32> time_text(std::uint64_t seconds);

}  // namespace reburst::boot
