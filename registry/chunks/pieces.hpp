#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "registry/chunks/id.hpp"

namespace reburst::chunks {

// A chunk's content, and everywhere in the image where it stands.
struct Piece {
  ChunkId id;
  std::uint64_t size = 0;
  std::vector<std::uint64_t> offsets;
};

// The different chunks of an image, by their first place.
struct Pieces {
  std::vector<Piece> list;
  std::unordered_map<ChunkId, std::size_t, IdHash> number;  // by id, into `list`
};

// kIntegrity when an index gives one id two sizes.
[[nodiscard]] Result<Pieces> pieces_of(const Index& index);

}  // namespace reburst::chunks
