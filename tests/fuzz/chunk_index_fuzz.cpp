// links: reburst_chunks
// Hostile .caibx files: parse_index() refuses, or gives chunks without gaps that come back as they were.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "registry/chunks/chunks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::chunks;
  const auto index = parse_index({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!index) return 0;
  std::uint64_t at = 0;
  std::uint64_t largest = 0;
  for (const auto& chunk : index->chunks) {
    if (chunk.offset != at || chunk.size == 0 || chunk.size > kMaxForeignChunk) std::abort();
    at += chunk.size;
    largest = chunk.size > largest ? chunk.size : largest;
  }
  if (at != index->size || at > kMaxImage) std::abort();
  if (largest > kMaxChunk) return 0;  // more than the header of our own says
  const auto again = parse_index(to_bytes(*index), "again");
  if (!again || *again != *index) std::abort();
  return 0;
}
