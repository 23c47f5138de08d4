#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "core/result.hpp"

namespace reburst::source {

// Writes the content of the xz or gzip file `from` to `to`; a file that is neither is copied. kIntegrity when it is
// damaged or holds more than `max_bytes`; `name` is quoted then.
[[nodiscard]] Result<> decompress(const std::filesystem::path& from, const std::filesystem::path& to,
                                  std::uint64_t max_bytes, std::string_view name);

}  // namespace reburst::source
