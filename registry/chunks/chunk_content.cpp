#include "registry/chunks/chunk_content.hpp"

#include "registry/chunks/frame.hpp"
#include "registry/chunks/id.hpp"

namespace reburst::chunks {

Result<std::vector<std::byte>> open_chunk(const ChunkId& id, std::uint64_t size, std::string_view frame) {
  const std::string what = "the chunk \"" + id.hex() + "\"";
  std::vector<std::byte> plain(size);
  REBURST_TRY(decompress(frame, plain, what));
  const ChunkId actual = id_of(plain);
  if (actual == id) return plain;
  return fail(ErrorCode::kIntegrity,
              what + " has the wrong SHA-512/256\n  expected " + id.hex() + "\n  actual   " + actual.hex(),
              "try again, or another copy of the registry");
}

}  // namespace reburst::chunks
