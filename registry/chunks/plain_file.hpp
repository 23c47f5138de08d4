#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "registry/chunks/chunks.hpp"

namespace reburst::chunks {

using Bytes = std::vector<std::byte>;

// Bytes read at `offset`: fewer than asked for only at the file's end.
[[nodiscard]] Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<std::byte> to,
                                          const std::string& name);

// The plain bytes of a stored chunk; kIntegrity unless they are `size` bytes with that id.
[[nodiscard]] Result<Bytes> open_chunk(const ChunkId& id, std::uint64_t size, std::string_view compressed);

}  // namespace reburst::chunks
