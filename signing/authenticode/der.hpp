#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// As much of DER (ITU-T X.690, 10) as signatures for firmware need.
namespace reburst::authenticode::der {

inline constexpr std::uint8_t kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kNull = 0x05, kObject = 0x06;
inline constexpr std::uint8_t kSequence = 0x30, kSet = 0x31;
// Context-specific tags: [n] around other elements, and [n] in place of a primitive one's own.
constexpr std::uint8_t constructed(std::uint8_t number) {
  return static_cast<std::uint8_t>(0xa0U | number);
}
constexpr std::uint8_t primitive(std::uint8_t number) {
  return static_cast<std::uint8_t>(0x80U | number);
}

// An element: tag, length in the shortest form, content.
[[nodiscard]] std::string element(std::uint8_t tag, std::string_view content);
[[nodiscard]] std::string element(std::uint8_t tag, std::initializer_list<std::string_view> content);

// Takes the first element off `from`, which must have `tag`, and returns its content; nothing when there is another
// one, or a length that is not the shortest form or runs over the end.
[[nodiscard]] std::optional<std::string_view> take(std::string_view& from, std::uint8_t tag);

}  // namespace reburst::authenticode::der
