#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.hpp"

// What UEFI's structures are made of; numbers are little-endian.
namespace reburst::firmware {

using Guid = std::array<std::uint8_t, 16>;  // an EFI_GUID as it lies in memory

// "8be4df61-93ca-11d2-aa0d-00e098032b8c"; for constants alone: anything else does not compile.
consteval Guid guid(std::string_view text) {
  constexpr std::array kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  const auto digit = [](char each) -> std::uint8_t {
    if (each >= '0' && each <= '9') return static_cast<std::uint8_t>(each - '0');
    if (each >= 'a' && each <= 'f') return static_cast<std::uint8_t>(each - 'a' + 10);
    throw "not a GUID";
  };
  Guid out{};
  std::size_t at = 0;
  for (const int place : kOrder) {
    if (text[at] == '-') ++at;
    out[static_cast<std::size_t>(place)] = static_cast<std::uint8_t>(digit(text[at]) * 16 + digit(text[at + 1]));
    at += 2;
  }
  if (at != text.size()) throw "not a GUID";
  return out;
}

inline constexpr Guid kGlobalVariable = guid("8be4df61-93ca-11d2-aa0d-00e098032b8c");
inline constexpr Guid kImageSecurityDatabase = guid("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

// Attributes of variables (UEFI 2.10, 8.2).
inline constexpr std::uint32_t kNonVolatile = 0x01, kBootService = 0x02, kRuntime = 0x04, kTimeBased = 0x20,
                               kAppend = 0x40;
// Those of PK, KEK, db and dbx.
inline constexpr std::uint32_t kKeyAttributes = kNonVolatile | kBootService | kRuntime | kTimeBased;

[[nodiscard]] std::string bytes_of(const Guid& guid);
[[nodiscard]] std::string little_endian(std::uint64_t value, std::size_t size);
// Printable ASCII as UTF-16, without a NUL at its end.
[[nodiscard]] std::string utf16(std::string_view text);
// EFI_TIME (UEFI 2.10, 8.3), as authenticated variables want it: whole seconds, UTC.
[[nodiscard]] std::string efi_time(Epoch time);

}  // namespace reburst::firmware
