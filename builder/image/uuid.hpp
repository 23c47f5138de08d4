#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/digest.hpp"

namespace reburst::image {

// A UUID in the order of its text form (RFC 9562).
struct Uuid {
  std::array<std::byte, 16> bytes{};
  [[nodiscard]] std::string text() const;  // 8-4-4-4-12, lower case
  // As GPT and EFI store it: the first three fields little-endian.
  [[nodiscard]] std::array<std::byte, 16> mixed_endian() const;
  bool operator==(const Uuid&) const = default;
};

// The 16 bytes as they are; systemd-veritysetup-generator(8) wants the halves of a root hash in this form.
[[nodiscard]] Uuid uuid_from(std::span<const std::byte, 16> bytes);
// A version 8 UUID (RFC 9562, 5.8) from SHA-256 of `label`, a newline and `content`.
[[nodiscard]] Uuid derived_uuid(std::string_view label, std::string_view content);
// A literal in text form, for constants.
consteval Uuid operator""_uuid(const char* text, std::size_t size) {
  Uuid uuid;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (text[i] == '-') continue;
    const int value = text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10;
    uuid.bytes[digits / 2] = static_cast<std::byte>(std::to_integer<int>(uuid.bytes[digits / 2]) * 16 + value);
    ++digits;
  }
  if (digits != 32) throw "a UUID has 32 digits";
  return uuid;
}

}  // namespace reburst::image
