#include "registry/chunks/pieces.hpp"

namespace reburst::chunks {

Result<Pieces> pieces_of(const Index& index) {
  Pieces pieces;
  for (const Chunk& chunk : index.chunks) {
    const auto [found, fresh] = pieces.number.try_emplace(chunk.id, pieces.list.size());
    if (fresh) pieces.list.push_back({chunk.id, chunk.size, {}});
    Piece& piece = pieces.list[found->second];
    if (piece.size != chunk.size) {
      return fail(ErrorCode::kIntegrity, "the chunk index gives the chunk \"" + chunk.id.hex() + "\" two sizes: " +
                                             std::to_string(piece.size) + " and " + std::to_string(chunk.size));
    }
    piece.offsets.push_back(chunk.offset);
  }
  return pieces;
}

}  // namespace reburst::chunks
