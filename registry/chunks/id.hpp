#pragma once

#include <cstddef>
#include <cstring>
#include <span>

#include "registry/chunks/chunks.hpp"

namespace reburst::chunks {

[[nodiscard]] ChunkId id_of(std::span<const std::byte> bytes);

// An id is a digest: any eight bytes of it spread as well as a hash would.
struct IdHash {
  std::size_t operator()(const ChunkId& id) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};

}  // namespace reburst::chunks
