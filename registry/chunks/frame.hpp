#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

// One zstd frame (RFC 8878) per chunk. Thread-safe; each thread keeps its own context.
namespace reburst::chunks {

using Bytes = std::span<const std::byte>;

[[nodiscard]] std::string compress(Bytes plain, int level);

// The content of `frame`, which must be one whole frame of exactly plain.size() bytes: no more is ever allocated or
// written, whatever the frame says of itself. `what` begins an error's message; other compressions are told by name.
[[nodiscard]] Result<> decompress(std::string_view frame, std::span<std::byte> plain, const std::string& what);

// The same with `base` as what was said before: what `plain` shares with it costs next to nothing.
[[nodiscard]] std::string compress_from(Bytes base, Bytes plain, int level);
// Whether `frame` gave exactly plain.size() bytes from `base`. Another base than the one it was made with may give
// false or other bytes.
[[nodiscard]] bool decompress_from(Bytes base, std::string_view frame, std::span<std::byte> plain);

}  // namespace reburst::chunks
