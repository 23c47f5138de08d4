#include "registry/chunks/assembly.hpp"

#include <algorithm>

#include "core/parallel.hpp"
#include "registry/chunks/chunk_content.hpp"
#include "registry/chunks/cut.hpp"
#include "registry/chunks/frame.hpp"

namespace reburst::chunks {

namespace {

// A segment, its base and its frame are in memory together; more threads would only cost more of it.
constexpr std::size_t kDeltaJobs = 8;

}  // namespace

Assembly::Assembly(const Index& index, Pieces pieces, Target target, std::size_t jobs, Progress& progress)
    : index_(index),
      pieces_(std::move(pieces)),
      target_(std::move(target)),
      jobs_(jobs),
      progress_(progress),
      done_(pieces_.list.size()),
      wanted_(pieces_.list.size()) {
  progress_.begin("assemble", index.size, Progress::Unit::kBytes);
}

Result<> Assembly::put(std::size_t number, std::span<const std::byte> bytes, Counter& from) {
  if (done_[number].exchange(true)) return {};
  const Piece& piece = pieces_.list[number];
  for (const std::uint64_t offset : piece.offsets) REBURST_TRY(target_.write(offset, bytes));
  const std::uint64_t size = piece.size * piece.offsets.size();
  from += size;
  progress_.advance(size);
  --wanted_;
  return {};
}

Result<> Assembly::keep_what_is_right() {
  if (!target_.had_content()) return {};
  return parallel_for(jobs_, pieces_.list.size(), [&](std::size_t number) -> Result<> {
    Piece& piece = pieces_.list[number];
    std::vector<std::byte> bytes(piece.size);
    std::vector<std::uint64_t> wrong;
    for (const std::uint64_t offset : piece.offsets) {
      REBURST_TRY(target_.read(offset, bytes));
      if (id_of(bytes) != piece.id) wrong.push_back(offset);
    }
    const std::uint64_t right = piece.size * (piece.offsets.size() - wrong.size());
    from_target_ += right;
    progress_.advance(right);
    piece.offsets = std::move(wrong);
    if (!piece.offsets.empty()) return {};
    done_[number] = true;
    --wanted_;
    return {};
  });
}

Result<> Assembly::copy_from(const ImageFile& seed, const std::optional<Index>& known) {
  const Index found = known ? *known : REBURST_TRY(cut_image(seed, {}, jobs_, silent_progress()));
  return parallel_for(jobs_, found.chunks.size(), [&](std::size_t i) -> Result<> {
    const Chunk& chunk = found.chunks[i];
    const auto number = pieces_.number.find(chunk.id);
    if (number == pieces_.number.end() || !wants(number->second)) return {};
    if (chunk.offset + chunk.size > seed.size()) return {};  // an index of something else
    std::vector<std::byte> bytes(chunk.size);
    REBURST_TRY(seed.read(chunk.offset, bytes));
    // Also after a cut: a seed may be a disk in use.
    if (id_of(bytes) != chunk.id) return {};
    return put(number->second, bytes, from_seeds_);
  });
}

bool Assembly::wants_any(const Segment& segment) const {
  const auto begin = index_.chunks.begin() + static_cast<std::ptrdiff_t>(segment.first);
  return std::any_of(begin, begin + static_cast<std::ptrdiff_t>(segment.count),
                     [&](const Chunk& chunk) { return wants(number_of(chunk)); });
}

Result<bool> Assembly::try_segment(const Segment& segment, std::string_view frame, const ImageFile& seed) {
  if (segment.base_offset > seed.size() || segment.base_size > seed.size() - segment.base_offset) return false;
  std::vector<std::byte> base(segment.base_size);
  std::vector<std::byte> plain(plain_size(index_, segment));
  REBURST_TRY(seed.read(segment.base_offset, base));
  if (!decompress_from(base, frame, plain)) return false;
  for (std::size_t i = segment.first; i < segment.first + segment.count; ++i) {
    const Chunk& chunk = index_.chunks[i];
    const auto bytes = std::span(plain).subspan(chunk.offset - index_.chunks[segment.first].offset, chunk.size);
    if (wants(number_of(chunk)) && id_of(bytes) == chunk.id) REBURST_TRY(put(number_of(chunk), bytes, from_delta_));
  }
  return !wants_any(segment);
}

Result<> Assembly::make_from(const DeltaFile& delta, const std::vector<ImageFile>& seeds) {
  const auto& segments = delta.segments();
  return parallel_for(std::min(jobs_, kDeltaJobs), segments.size(), [&](std::size_t i) -> Result<> {
    if (!wants_any(segments[i])) return {};
    const std::string frame = REBURST_TRY(delta.frame(i));
    for (const ImageFile& seed : seeds) {
      if (REBURST_TRY(try_segment(segments[i], frame, seed))) break;
    }
    return {};
  });
}

Result<> Assembly::take(std::size_t number, const std::string& frame) {
  const Piece& piece = pieces_.list[number];
  const auto bytes = REBURST_TRY(open_chunk(piece.id, piece.size, frame));
  compressed_ += frame.size();
  return put(number, bytes, fetched_);
}

Result<> Assembly::fetch_rest(const Fetch& fetch) {
  std::vector<std::size_t> numbers;
  std::vector<Wanted> wanted;
  for (std::size_t number = 0; number < pieces_.list.size(); ++number) {
    if (!wants(number)) continue;
    numbers.push_back(number);
    wanted.push_back({pieces_.list[number].id, pieces_.list[number].size});
  }
  if (wanted.empty()) return {};
  REBURST_TRY(fetch(wanted, [&](std::size_t i, const std::string& frame) -> Result<> {
    if (i >= numbers.size()) return fail(ErrorCode::kInternal, "a chunk came that nobody asked for");
    return take(numbers[i], frame);
  }));
  const auto left = std::find_if(numbers.begin(), numbers.end(), [&](std::size_t number) { return wants(number); });
  if (left == numbers.end()) return {};
  return fail(ErrorCode::kMissing, "the chunk \"" + pieces_.list[*left].id.hex() + "\" did not come");
}

Result<Assembled> Assembly::finish() {
  REBURST_TRY(target_.close());
  return Assembled{.from_seeds = from_seeds_,
                   .from_target = from_target_,
                   .from_delta = from_delta_,
                   .fetched = fetched_,
                   .fetched_compressed = compressed_};
}

}  // namespace reburst::chunks
