#include "signing/authenticode/der.hpp"

namespace reburst::authenticode::der {

namespace {

constexpr std::size_t kShort = 0x80;     // lengths below it are one byte
constexpr std::size_t kMaxLength = 3;    // bytes of a long length: 16 MiB
constexpr std::uint8_t kManyBytes = 31;  // tag numbers from here on take more bytes; none is used here

}  // namespace

std::string element(std::uint8_t tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < kShort) {
    out += static_cast<char>(content.size());
  } else {
    std::string length;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8U)
      length.insert(length.begin(), static_cast<char>(rest & 0xffU));
    out += static_cast<char>(kShort | length.size());
    out += length;
  }
  return out.append(content);
}

std::string element(std::uint8_t tag, std::initializer_list<std::string_view> content) {
  std::string all;
  for (const auto part : content) all += part;
  return element(tag, all);
}

std::optional<std::string_view> take(std::string_view& from, std::uint8_t tag) {
  if (from.size() < 2 || static_cast<std::uint8_t>(from[0]) != tag || (tag & kManyBytes) == kManyBytes)
    return std::nullopt;
  std::size_t length = static_cast<std::uint8_t>(from[1]);
  std::size_t header = 2;
  if (length >= kShort) {
    const std::size_t bytes = length - kShort;
    if (bytes == 0 || bytes > kMaxLength || from.size() - header < bytes || from[header] == 0) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < bytes; ++i) length = length << 8U | static_cast<std::uint8_t>(from[header + i]);
    if (length < kShort) return std::nullopt;
    header += bytes;
  }
  if (from.size() - header < length) return std::nullopt;
  const auto content = from.substr(header, length);
  from.remove_prefix(header + length);
  return content;
}

}  // namespace reburst::authenticode::der
