#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "registry/chunks/chunks.hpp"

namespace reburst::chunks {

// The plain bytes of a chunk file's content, which are those that its id and size promise; else kIntegrity.
[[nodiscard]] Result<std::vector<std::byte>> open_chunk(const ChunkId& id, std::uint64_t size, std::string_view frame);

}  // namespace reburst::chunks
