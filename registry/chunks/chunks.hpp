#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"

// A disk image as content-addressed pieces, in the formats of casync (docs/formats/chunk-store.md): an index (.caibx)
// and a folder of compressed chunks. Boundaries follow the files of the packages inside the image, so that an unchanged
// package has the same chunks in every image that holds it; stock clients do not care where boundaries lie.
namespace reburst::chunks {

// SHA-512/256 (FIPS 180-4) of a chunk's plain bytes.
struct ChunkId {
  std::array<std::uint8_t, 32> bytes{};
  [[nodiscard]] std::string hex() const;
  // "abcd/abcd….cacnk", relative to the store.
  [[nodiscard]] std::string path() const;
  auto operator<=>(const ChunkId&) const = default;
};

struct Chunk {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // plain bytes, kMinChunk … kMaxChunk but for the last
  ChunkId id;
};

struct Index {
  std::uint64_t size = 0;     // of the whole image
  std::vector<Chunk> chunks;  // without gaps, from 0
};

// A .caibx file, the inverse, and what it refuses (kIntegrity): another header, sizes out of its own bounds, ends that
// do not ascend, a tail that does not fit, trailing bytes. Chunks of at most 64 MiB, images of at most 2^40 bytes.
[[nodiscard]] std::string to_bytes(const Index& index);
[[nodiscard]] Result<Index> parse_index(std::string_view bytes, std::string_view name);

// Where chunks have to end at the latest: offsets in the image at which something begins that other images may hold too
// (a package's or a large file's first block). Ascending; may be empty.
using Boundaries = std::vector<std::uint64_t>;

// Cuts `image` at `boundaries` and, between them, by content (a rolling hash: the same bytes are cut the same way
// wherever they stand). Same result whatever `jobs`.
[[nodiscard]] Result<Index> cut(const std::filesystem::path& image, const Boundaries& boundaries, std::size_t jobs,
                                Progress& progress);

struct Stored {
  std::size_t new_chunks = 0;
  std::uint64_t new_bytes = 0;    // compressed, written now
  std::uint64_t total_bytes = 0;  // compressed, of all chunks of the index
};
// Writes the chunks that `store` lacks (zstd; each by temp and rename, so that two writers and a kill do no harm).
[[nodiscard]] Result<Stored> store_chunks(const Index& index, const std::filesystem::path& image,
                                          const std::filesystem::path& store, std::size_t jobs, Progress& progress);

// Brings compressed chunks: for position i of `wanted`, calls `take(i, bytes)` once, from any thread, several at a time
// if it likes. The bytes are not trusted.
using Fetch = std::function<Result<>(std::span<const ChunkId> wanted,
                                     const std::function<Result<>(std::size_t, std::string)>& take)>;
// Fetch from a store on this machine.
[[nodiscard]] Fetch from_folder(const std::filesystem::path& store, std::size_t jobs);

struct Assembled {
  std::uint64_t from_seed = 0, from_target = 0, fetched = 0;  // plain bytes
  std::uint64_t fetched_compressed = 0;
};
// Builds the image in `target`, a file that may hold part of it already (an interrupted earlier call): what is there
// and right is kept; then what `seeds` (older images; cut by the same rules, so most chunks are found) hold is copied;
// only the rest is fetched. Each chunk is checked by its id before it is written, and a run of zeros is left a hole.
// The file ends with exactly index.size bytes. kIntegrity names the chunk that is wrong.
[[nodiscard]] Result<Assembled> assemble(const Index& index, const std::filesystem::path& target,
                                         const std::vector<std::filesystem::path>& seeds, const Fetch& fetch,
                                         std::size_t jobs, Progress& progress);

}  // namespace reburst::chunks
