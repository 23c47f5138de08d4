#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"

// A disk image as content-addressed pieces, in the formats of casync 2 (docs/formats/chunk-store.md): an index (.caibx)
// and a folder of compressed chunks. Boundaries follow the packages inside the image, so that an unchanged package has
// the same chunks in every image that holds it; stock clients do not care where boundaries lie
// (docs/adr/0014-chunks.md).
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
  std::uint64_t size = 0;  // plain bytes
  ChunkId id;
  bool operator==(const Chunk&) const = default;
};

struct Index {
  std::uint64_t size = 0;     // of the whole image
  std::vector<Chunk> chunks;  // without gaps, from 0
  bool operator==(const Index&) const = default;
};

// What cut() makes. An index of others may have chunks of up to kMaxForeignChunk.
inline constexpr std::uint64_t kMinChunk = 32U << 10U;  // but where a boundary or the end comes first
inline constexpr std::uint64_t kMaxChunk = 512U << 10U;
inline constexpr std::uint64_t kMaxForeignChunk = 64U << 20U;
inline constexpr std::uint64_t kMaxImage = std::uint64_t{1} << 40U;

// A .caibx file, the inverse, and what it refuses (kIntegrity): another header, sizes out of its own bounds, ends that
// do not ascend, a tail that does not fit, trailing bytes, chunks and images beyond the limits above.
[[nodiscard]] std::string to_bytes(const Index& index);
[[nodiscard]] Result<Index> parse_index(std::string_view bytes, std::string_view name);
// The same for a file of at most kMaxIndexBytes (kIntegrity); kMissing when it is not there.
inline constexpr std::uint64_t kMaxIndexBytes = 256U << 20U;
[[nodiscard]] Result<Index> read_index(const std::filesystem::path& path, std::string_view name);

// Where a chunk ends and the next begins whatever the content: where in the image something begins that other images
// may hold too, at another place (a package's or a large file's first block). Ascending; may be empty.
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
// Writes the chunks that `store` lacks (zstd). They appear under their names by rename, after all of them are on disk:
// two writers, a kill or a power cut never leave a part of one. Those that are there are neither read nor written.
[[nodiscard]] Result<Stored> store_chunks(const Index& index, const std::filesystem::path& image,
                                          const std::filesystem::path& store, std::size_t jobs, Progress& progress);

// Every chunk of the index is in the store, and is what its id says (kIntegrity, kMissing).
[[nodiscard]] Result<> check_store(const Index& index, const std::filesystem::path& store, std::size_t jobs,
                                   Progress& progress);

// A chunk that is to come, and how many plain bytes it has. Compressed it has at most frame_bound() bytes.
struct Wanted {
  ChunkId id;
  std::uint64_t size = 0;
};
[[nodiscard]] std::uint64_t frame_bound(std::uint64_t size);

// Brings compressed chunks: for position i of `wanted`, calls `take(i, bytes)` once, from any thread, several at a time
// if it likes. The bytes are not trusted.
using Fetch = std::function<Result<>(std::span<const Wanted> wanted,
                                     const std::function<Result<>(std::size_t, std::string)>& take)>;
// Fetch from a store on this machine.
[[nodiscard]] Fetch from_folder(const std::filesystem::path& store, std::size_t jobs);

// An older image and, where it is known, the index that it was published with. Nothing is believed of either: what a
// seed gives is checked by its id. Without an index it is cut by content alone, which finds less.
struct Seed {
  std::filesystem::path image;
  std::optional<Index> index = {};
};

// Plain bytes of the image, by where they came from; their sum is the image's size.
struct Assembled {
  std::uint64_t from_seeds = 0, from_target = 0, from_delta = 0, fetched = 0;
  std::uint64_t fetched_compressed = 0;  // bytes that Fetch brought
};
// Builds the image in `target`, a file that may hold part of it already (an interrupted earlier call): what is there
// and right is kept; then what `seeds` hold is copied; then what `deltas` (registry/chunks/delta.hpp; files) make of
// the seeds; only the rest is fetched. Each chunk is checked by its id before it is written, and a run of zeros is left
// a hole. The file ends with exactly index.size bytes, and is on disk. kIntegrity names the chunk that is wrong.
[[nodiscard]] Result<Assembled> assemble(const Index& index, const std::filesystem::path& target,
                                         const std::vector<Seed>& seeds,
                                         const std::vector<std::filesystem::path>& deltas, const Fetch& fetch,
                                         std::size_t jobs, Progress& progress);

}  // namespace reburst::chunks
