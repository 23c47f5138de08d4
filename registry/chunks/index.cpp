// Grammar: docs/formats/chunk-store.md.
#include <bit>
#include <cstring>

#include "core/file.hpp"
#include "registry/chunks/chunks.hpp"

namespace reburst::chunks {

namespace {

static_assert(std::endian::native == std::endian::little, "the format's numbers are copied as they are");

constexpr std::uint64_t kIndexMagic = 0x96824d9c7b129ff9;
constexpr std::uint64_t kTableMagic = 0xe75b9e112f17417d;
constexpr std::uint64_t kTailMagic = 0x4b4f050e5549ecd1;
constexpr std::uint64_t kSha512Cut = 0x2000000000000000;  // to 256 bits
// What casync sets for a blob, though they speak of folders: leave out submounts, "nodump" and .caexclude.
constexpr std::uint64_t kFlags = kSha512Cut | 0x9000000000000000;
constexpr std::uint64_t kKnownFlags = 0xf000000000000000;
constexpr std::size_t kHeader = 48, kTableHeader = 16, kItem = 40, kTail = 40;
// A boundary may end a chunk anywhere: the smallest size that is promised is one byte.
constexpr std::uint64_t kSmallest = 1, kAverage = 96U << 10U;

void put(std::string& to, std::uint64_t value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  to.append(bytes, sizeof value);
}

class Parser {
 public:
  Parser(std::string_view bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  Result<Index> run() {
    REBURST_TRY(read_header());
    REBURST_TRY(check_tail());
    const std::size_t count = (bytes_.size() - kHeader - kTableHeader - kTail) / kItem;
    index_.chunks.reserve(count);
    for (std::size_t i = 0; i < count; ++i) REBURST_TRY(read_chunk(i, i + 1 == count));
    return std::move(index_);
  }

 private:
  [[nodiscard]] auto refuse(const std::string& why) const {
    return fail(ErrorCode::kIntegrity, "the chunk index \"" + std::string(name_) + "\" " + why,
                "fetch it again, or ask its publisher for a new one");
  }

  [[nodiscard]] std::uint64_t number(std::size_t at) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }

  Result<> read_header() {
    const bool whole = bytes_.size() >= kHeader + kTableHeader + kTail;
    if (!whole || number(0) != kHeader || number(8) != kIndexMagic) return refuse("is no .caibx file");
    const std::uint64_t flags = number(16);
    if ((flags & kSha512Cut) == 0) return refuse("names its chunks by another digest than SHA-512/256");
    if ((flags & ~kKnownFlags) != 0) return refuse("has flags that are not known");
    const auto average = number(32);
    min_ = number(24);
    max_ = number(40);
    if (min_ == 0 || min_ > average || average > max_ || max_ > kMaxForeignChunk) {
      return refuse("has chunk sizes out of bounds: " + std::to_string(min_) + ", " + std::to_string(average) + ", " +
                    std::to_string(max_));
    }
    if (number(48) != ~std::uint64_t{0} || number(56) != kTableMagic) return refuse("has no table of chunks");
    return {};
  }

  // The tail repeats where the table began and how long it is: a cut or joined file does not fit.
  Result<> check_tail() const {
    const std::size_t at = bytes_.size() - kTail;
    const bool fits = (at - kHeader - kTableHeader) % kItem == 0 && number(at) == 0 && number(at + 8) == 0 &&
                      number(at + 16) == kHeader && number(at + 24) == bytes_.size() - kHeader &&
                      number(at + 32) == kTailMagic;
    if (!fits) return refuse("is cut short or has bytes too many: its tail does not fit");
    return {};
  }

  Result<> read_chunk(std::size_t i, bool last) {
    const std::size_t at = kHeader + kTableHeader + i * kItem;
    const std::uint64_t begin = index_.size;
    const std::uint64_t end = number(at);
    if (end <= begin) return refuse("is not ascending: chunk " + std::to_string(i) + " ends before it begins");
    if (end > kMaxImage) return refuse("is of an image larger than 2^40 bytes");
    const std::uint64_t size = end - begin;
    if (size > max_ || (size < min_ && !last)) {
      return refuse("has a chunk out of its own bounds: chunk " + std::to_string(i) + " has " + std::to_string(size) +
                    " bytes");
    }
    Chunk& chunk = index_.chunks.emplace_back(Chunk{begin, size, {}});
    std::memcpy(chunk.id.bytes.data(), bytes_.data() + at + sizeof end, chunk.id.bytes.size());
    index_.size = end;
    return {};
  }

  std::string_view bytes_;
  std::string_view name_;
  std::uint64_t min_ = 0, max_ = 0;  // that a chunk may have, as the header says
  Index index_;
};

}  // namespace

std::string to_bytes(const Index& index) {
  std::string bytes;
  bytes.reserve(kHeader + kTableHeader + index.chunks.size() * kItem + kTail);
  for (const std::uint64_t value :
       {std::uint64_t{kHeader}, kIndexMagic, kFlags, kSmallest, kAverage, kMaxChunk, ~std::uint64_t{0}, kTableMagic}) {
    put(bytes, value);
  }
  for (const Chunk& chunk : index.chunks) {
    put(bytes, chunk.offset + chunk.size);
    bytes.append(reinterpret_cast<const char*>(chunk.id.bytes.data()), chunk.id.bytes.size());
  }
  const std::uint64_t table = bytes.size() - kHeader + kTail;
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{kHeader}, table, kTailMagic}) {
    put(bytes, value);
  }
  return bytes;
}

Result<Index> parse_index(std::string_view bytes, std::string_view name) {
  return Parser(bytes, name).run();
}

Result<Index> read_index(const std::filesystem::path& path, std::string_view name) {
  return parse_index(REBURST_TRY(read_file(path, kMaxIndexBytes)), name);
}

}  // namespace reburst::chunks
