#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace reburst::image {

// CRC-32 of GPT headers (UEFI 2.10, 5.3.2): reflected 0xedb88320, complemented before and after.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);

// CRC-32C (Castagnoli, reflected 0x82f63b78) continued from `seed`, without complements: what erofs checksums use.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t seed, std::span<const std::byte> bytes);

}  // namespace reburst::image
