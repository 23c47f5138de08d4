#include "registry/chunks/delta_plan.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace reburst::chunks {

namespace {

// What moved within a package is still found when a base reaches this much further than its share on both sides.
constexpr std::uint64_t kMargin = 512U << 10U;
// How far the next common neighbour is looked for.
constexpr std::size_t kLookAhead = 1024;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : b - a;
}

class Planner {
 public:
  Planner(const Index& from, const Index& to) : from_(from), to_(to) {
    for (const Chunk& chunk : from.chunks) places_[chunk.id].push_back(chunk.offset);
  }

  std::vector<Segment> run() {
    for (std::size_t i = 0; i < to_.chunks.size();) {
      if (const auto place = nearest(to_.chunks[i].id, expected_)) {
        expected_ = *place + to_.chunks[i].size;
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < to_.chunks.size() && is_new(to_.chunks[end])) planned_.insert(to_.chunks[end++].id);
      if (end != i) split(i, end, gap_end(i, end));
      i = std::max(end, i + 1);  // a new chunk that an earlier segment brings needs no segment
    }
    return std::move(segments_);
  }

 private:
  // Where the old image has this chunk; of several places the one nearest to `place`.
  [[nodiscard]] std::optional<std::uint64_t> nearest(const ChunkId& id, std::uint64_t place) const {
    const auto found = places_.find(id);
    if (found == places_.end()) return std::nullopt;
    return *std::min_element(found->second.begin(), found->second.end(),
                             [&](std::uint64_t a, std::uint64_t b) { return distance(a, place) < distance(b, place); });
  }

  [[nodiscard]] bool is_new(const Chunk& chunk) const {
    return !places_.contains(chunk.id) && !planned_.contains(chunk.id);
  }

  // Where the old content ends that the new chunks begin … end took the place of: at the next chunk that both images
  // have, as far from it as the new content is.
  [[nodiscard]] std::uint64_t gap_end(std::size_t begin, std::size_t end) const {
    const std::uint64_t start = to_.chunks[begin].offset;
    const std::uint64_t stop = to_.chunks[end - 1].offset + to_.chunks[end - 1].size;
    for (std::size_t i = end; i < std::min(to_.chunks.size(), end + kLookAhead); ++i) {
      const auto place = nearest(to_.chunks[i].id, expected_ + (to_.chunks[i].offset - start));
      if (!place || *place < expected_) continue;
      const std::uint64_t between = to_.chunks[i].offset - stop;
      return std::max(expected_, *place - std::min(*place, between));
    }
    return std::min(from_.size, expected_ + (stop - start));
  }

  void split(std::size_t begin, std::size_t end, std::uint64_t gap_end) {
    const std::uint64_t start = to_.chunks[begin].offset;
    const std::uint64_t stop = to_.chunks[end - 1].offset + to_.chunks[end - 1].size;
    const auto old_place = [&](std::uint64_t offset) {  // in proportion; neither factor exceeds 2^40
      const auto share = static_cast<unsigned __int128>(gap_end - expected_) * (offset - start) / (stop - start);
      return expected_ + static_cast<std::uint64_t>(share);
    };
    while (begin < end) {
      Segment segment{.first = begin};
      do {
        ++segment.count;
      } while (begin + segment.count < end && plain_size(to_, {begin, segment.count + 1, 0, 0, 0}) <= kMaxSegment);
      const std::uint64_t offset = to_.chunks[begin].offset;
      place_base(segment, old_place(offset), old_place(offset + plain_size(to_, segment)));
      segments_.push_back(segment);
      begin += segment.count;
    }
  }

  void place_base(Segment& segment, std::uint64_t begin, std::uint64_t end) const {
    segment.base_offset = std::min(from_.size, begin - std::min(begin, kMargin));
    segment.base_size = std::min({from_.size, end + kMargin, segment.base_offset + kMaxBase}) - segment.base_offset;
  }

  const Index& from_;
  const Index& to_;
  std::unordered_map<ChunkId, std::vector<std::uint64_t>, IdHash> places_;
  std::unordered_set<ChunkId, IdHash> planned_;
  std::uint64_t expected_ = 0;  // where the old image goes on, were nothing changed from here
  std::vector<Segment> segments_;
};

}  // namespace

std::vector<Segment> plan_segments(const Index& from, const Index& to) {
  return Planner(from, to).run();
}

}  // namespace reburst::chunks
