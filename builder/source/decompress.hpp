#pragma once

#include <cstdint>
#include <filesystem>

#include "core/result.hpp"

namespace reburst::source {

// Writes the content of the xz or gzip file `from` to `to`; a file that is neither is copied. kIntegrity when it is
// damaged or holds more than `max_bytes`.
[[nodiscard]] Result<> decompress(const std::filesystem::path& from, const std::filesystem::path& to,
                                  std::uint64_t max_bytes);

}  // namespace reburst::source
