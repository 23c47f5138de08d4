#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace reburst::measure::testing {

// A PE32+ program of nothing but these sections.
inline std::string program(const std::vector<std::pair<std::string, std::string>>& sections) {
  constexpr std::size_t kPe = 64, kOptional = 240, kUnit = 512;
  std::string out(kUnit * 2, '\0');
  const auto put = [&out](std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out[at + i] = static_cast<char>(value >> (8 * i) & 0xffU);
  };
  out.replace(0, 2, "MZ");
  put(60, kPe, 4);
  out.replace(kPe, 2, "PE");
  put(kPe + 4, 0x8664, 2);
  put(kPe + 6, sections.size(), 2);
  put(kPe + 20, kOptional, 2);
  put(kPe + 24, 0x20b, 2);
  put(kPe + 24 + 32, 4096, 4);
  put(kPe + 24 + 36, kUnit, 4);
  put(kPe + 24 + 60, out.size(), 4);
  put(kPe + 24 + 108, 16, 4);
  std::size_t header = kPe + 24 + kOptional, address = 4096;
  for (const auto& [name, content] : sections) {
    const std::size_t size = (content.size() + kUnit - 1) / kUnit * kUnit;
    out.replace(header, name.size(), name);
    put(header + 8, content.size(), 4);
    put(header + 12, address, 4);
    put(header + 16, size, 4);
    put(header + 20, out.size(), 4);
    header += 40;
    address += (content.size() + 4095) / 4096 * 4096;
    out += content + std::string(size - content.size(), '\0');
  }
  return out;
}

}  // namespace reburst::measure::testing
