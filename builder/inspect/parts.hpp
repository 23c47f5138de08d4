#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "builder/inspect/difference.hpp"
#include "builder/inspect/expected.hpp"

// What compare.cpp puts together.
namespace reburst::inspect {

inline constexpr const char* kNotRead = "does not read this";
inline constexpr std::uint64_t kPiece = 1U << 20U;

// The first and the last byte that differ, as a half-open range; `other` is as long.
struct Range {
  std::uint64_t start = 0, end = 0;
};
[[nodiscard]] std::optional<Range> differing(std::span<const std::byte> one, std::span<const std::byte> other);

// The EFI system partition: its boot program as a firmware finds it, and everything else in it.
[[nodiscard]] Result<std::vector<Difference>> compare_esp(int disk, const Expected& expected);

}  // namespace reburst::inspect
