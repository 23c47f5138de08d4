#include <openssl/evp.h>

#include <stdexcept>

#include "core/text.hpp"
#include "registry/chunks/chunks.hpp"

// The .caibx format: casync's src/caformat.h, as docs/formats/chunk-store.md describes it.
namespace reburst::chunks {

namespace {

constexpr std::uint64_t kIndexType = 0x96824d9c7b129ff9;
constexpr std::uint64_t kTableType = 0xe75b9e112f17417d;
constexpr std::uint64_t kTailMarker = 0x4b4f050e5549ecd1;
constexpr std::uint64_t kFlags = 0xa000000000000000;  // ids are SHA-512/256
constexpr std::uint64_t kHeader = 48, kTableHeader = 16, kItem = 40, kTail = 40;
constexpr std::uint64_t kAverage = 32U << 10U;

void put(std::string& out, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t get(std::string_view bytes, std::uint64_t at) {
  std::uint64_t value = 0;
  for (std::uint64_t i = 8; i > 0; --i) value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

tl::unexpected<Error> malformed(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot read the chunk index \"" + std::string(name) + "\": " + why,
              "fetch it again, or publish the release again");
}

}  // namespace

std::string ChunkId::hex() const {
  return to_hex(std::as_bytes(std::span(bytes)));
}

std::string ChunkId::path() const {
  const auto name = hex();
  return name.substr(0, 4) + "/" + name + ".cacnk";
}

ChunkId chunk_id(std::span<const std::byte> plain) {
  ChunkId id;
  unsigned size = 0;
  // It fails only when memory is gone.
  if (EVP_Digest(plain.data(), plain.size(), id.bytes.data(), &size, EVP_sha512_256(), nullptr) != 1)
    throw std::runtime_error("SHA-512/256 failed");
  return id;
}

std::string to_bytes(const Index& index) {
  std::string out;
  for (const auto value : {kHeader, kIndexType, kFlags, std::uint64_t{1}, kAverage, kMaxChunk}) put(out, value);
  for (const auto value : {~std::uint64_t{0}, kTableType}) put(out, value);
  for (const auto& chunk : index.chunks) {
    put(out, chunk.offset + chunk.size);
    out.append(reinterpret_cast<const char*>(chunk.id.bytes.data()), chunk.id.bytes.size());
  }
  const std::uint64_t table = kTableHeader + index.chunks.size() * kItem + kTail;
  for (const auto value : {std::uint64_t{0}, std::uint64_t{0}, kHeader, table, kTailMarker}) put(out, value);
  return out;
}

Result<Index> parse_index(std::string_view bytes, std::string_view name) {
  constexpr std::uint64_t kFixed = kHeader + kTableHeader + kTail;
  if (bytes.size() < kFixed || (bytes.size() - kFixed) % kItem != 0) return malformed(name, "it is not whole");
  if (get(bytes, 0) != kHeader || get(bytes, 8) != kIndexType) return malformed(name, "it is none");
  if ((get(bytes, 16) & kFlags) != kFlags) return malformed(name, "its chunks are not named by SHA-512/256");
  if (get(bytes, 48) != ~std::uint64_t{0} || get(bytes, 56) != kTableType) return malformed(name, "it has no table");
  const std::uint64_t tail = bytes.size() - kTail;
  const bool ends = get(bytes, tail) == 0 && get(bytes, tail + 8) == 0 && get(bytes, tail + 16) == kHeader &&
                    get(bytes, tail + 24) == bytes.size() - kHeader && get(bytes, tail + 32) == kTailMarker;
  if (!ends) return malformed(name, "its tail does not fit");
  Index index;
  for (std::uint64_t at = kHeader + kTableHeader; at < tail; at += kItem) {
    const auto end = get(bytes, at);
    if (end <= index.size || end - index.size > kMaxForeignChunk || end > kMaxImage)
      return malformed(name, "the chunk " + std::to_string(index.chunks.size()) + " ends at " + std::to_string(end));
    Chunk chunk{.offset = index.size, .size = end - index.size, .id = {}};
    const auto id = bytes.substr(at + 8, chunk.id.bytes.size());
    std::copy(id.begin(), id.end(), chunk.id.bytes.begin());
    index.chunks.push_back(chunk);
    index.size = end;
  }
  return index;
}

}  // namespace reburst::chunks
