#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace reburst::image {

using Bytes = std::vector<std::byte>;

// Every multi-byte number of the formats written here is little-endian. `at` must leave room: callers size their
// buffers.
template <std::unsigned_integral T>
void put(std::span<std::byte> to, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) to[at + i] = static_cast<std::byte>((value >> (8 * i)) & 0xff);
}

template <std::unsigned_integral T>
T get(std::span<const std::byte> from, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(from[at + i]) << (8 * i)));
  }
  return value;
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline void put(std::span<std::byte> to, std::size_t at, std::span<const std::byte> bytes) {
  std::ranges::copy(bytes, to.begin() + static_cast<std::ptrdiff_t>(at));
}

inline void put_text(std::span<std::byte> to, std::size_t at, std::string_view text) {
  put(to, at, as_bytes(text));
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

constexpr std::uint64_t blocks_of(std::uint64_t bytes, std::uint64_t block) {
  return bytes / block + (bytes % block != 0 ? 1 : 0);
}

inline constexpr std::uint64_t kBlock = 4096;          // erofs and verity
inline constexpr std::uint64_t kMebibyte = 1U << 20U;  // partition alignment

}  // namespace reburst::image
