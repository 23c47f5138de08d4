#include "registry/chunks/cut.hpp"

#include <algorithm>
#include <array>

#include "core/parallel.hpp"
#include "registry/chunks/id.hpp"

namespace reburst::chunks {

namespace {

// A gear hash (Xia and others, "Ddelta", 2014): shifted by one bit a byte, so that the last 64 bytes decide it. The
// table is any fixed noise; it is part of what makes two images share chunks, and must never change.
constexpr std::size_t kWindow = 64;
constexpr std::array<std::uint64_t, 256> make_gear() {
  std::array<std::uint64_t, 256> out{};
  std::uint64_t state = 0x9e3779b97f4a7c15;  // SplitMix64
  for (auto& value : out) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27U) * 0x94d049bb133111eb;
    value = z ^ z >> 31U;
  }
  return out;
}
constexpr auto kGear = make_gear();

// One position in 2^16 is a cut.
constexpr std::uint64_t kMask = std::uint64_t{0xffff} << 48U;

// Where the chunk that begins `bytes` ends; bytes.size() when nothing cuts it before.
std::size_t find_cut(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0;
  // What comes before the smallest size decides nothing but through the hash's window.
  for (std::size_t i = kMinChunk - kWindow; i < bytes.size(); ++i) {
    hash = (hash << 1U) + kGear[std::to_integer<std::size_t>(bytes[i])];
    if (i >= kMinChunk && (hash & kMask) == 0) return i + 1;
  }
  return bytes.size();
}

// The chunks of [from, to), which do not depend on what lies outside.
Result<std::vector<Chunk>> cut_segment(const ImageFile& image, std::uint64_t from, std::uint64_t to) {
  std::vector<Chunk> out;
  std::vector<std::byte> buffer(4 * kMaxChunk);
  std::size_t begin = 0, end = 0;  // what of the buffer is read and not yet cut
  for (std::uint64_t at = from; at < to;) {
    const auto left = to - at;
    if (end - begin < std::min(kMaxChunk, left)) {
      std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(begin), buffer.begin() + static_cast<std::ptrdiff_t>(end),
                buffer.begin());
      end -= begin;
      begin = 0;
      const auto room = std::span(buffer).subspan(end).first(std::min<std::uint64_t>(buffer.size() - end, left - end));
      REBURST_TRY(image.read(at + end, room));
      end += room.size();
    }
    const auto window =
        std::span<const std::byte>(buffer).subspan(begin, std::min<std::uint64_t>(end - begin, kMaxChunk));
    const auto size = window.size() <= kMinChunk ? window.size() : find_cut(window);
    out.push_back({.offset = at, .size = size, .id = id_of(window.first(size))});
    begin += size;
    at += size;
  }
  return out;
}

}  // namespace

Result<Index> cut_image(const ImageFile& image, const Boundaries& boundaries, std::size_t jobs, Progress& progress) {
  Index index{.size = image.size(), .chunks = {}};
  if (index.size > kMaxImage) return fail(ErrorCode::kUsage, "\"" + image.name() + "\" is larger than 1 TiB");
  progress.begin("cut", index.size, Progress::Unit::kBytes);
  std::vector<std::uint64_t> starts = {0};
  for (const auto boundary : boundaries) {
    if (boundary > starts.back() && boundary < index.size) starts.push_back(boundary);
  }
  starts.push_back(index.size);
  std::vector<std::vector<Chunk>> segments(starts.size() - 1);
  REBURST_TRY(parallel_for(jobs, segments.size(), [&](std::size_t i) -> Result<> {
    segments[i] = REBURST_TRY(cut_segment(image, starts[i], starts[i + 1]));
    progress.advance(starts[i + 1] - starts[i]);
    return {};
  }));
  for (const auto& segment : segments) index.chunks.insert(index.chunks.end(), segment.begin(), segment.end());
  return index;
}

Result<Index> cut(const std::filesystem::path& image, const Boundaries& boundaries, std::size_t jobs,
                  Progress& progress) {
  return cut_image(REBURST_TRY(ImageFile::open(image)), boundaries, jobs, progress);
}

}  // namespace reburst::chunks
