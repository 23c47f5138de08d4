#include "builder/image/checksum.hpp"

#include <array>

namespace reburst::image {

namespace {

template <std::uint32_t Polynomial>
consteval std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? Polynomial : 0U);
    table[i] = value;
  }
  return table;
}

template <std::uint32_t Polynomial>
std::uint32_t run(std::uint32_t crc, std::span<const std::byte> bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_table<Polynomial>();
  for (const std::byte byte : bytes) crc = (crc >> 8U) ^ kTable[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xffU];
  return crc;
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes) {
  return ~run<0xedb88320U>(~0U, bytes);
}

std::uint32_t crc32c(std::uint32_t seed, std::span<const std::byte> bytes) {
  return run<0x82f63b78U>(seed, bytes);
}

}  // namespace reburst::image
