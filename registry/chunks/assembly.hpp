#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "registry/chunks/delta_file.hpp"
#include "registry/chunks/image_file.hpp"
#include "registry/chunks/pieces.hpp"
#include "registry/chunks/target.hpp"

namespace reburst::chunks {

// An image that is being put together: which pieces are still wanted, and where the others came from. The steps are
// called one after the other; each works on `jobs` threads.
class Assembly {
 public:
  Assembly(const Index& index, Pieces pieces, Target target, std::size_t jobs, Progress& progress);

  // What the target held before and is right is wanted no more.
  [[nodiscard]] Result<> keep_what_is_right();
  [[nodiscard]] Result<> copy_from(const ImageFile& seed, const std::optional<Index>& known);
  // What does not come out right (another seed than the delta was made for) stays wanted.
  [[nodiscard]] Result<> make_from(const DeltaFile& delta, const std::vector<ImageFile>& seeds);
  [[nodiscard]] Result<> fetch_rest(const Fetch& fetch);
  [[nodiscard]] bool complete() const { return wanted_ == 0; }
  [[nodiscard]] Result<Assembled> finish();

 private:
  using Counter = std::atomic<std::uint64_t>;
  [[nodiscard]] bool wants(std::size_t number) const { return !done_[number]; }
  // Writes a piece, whose id `bytes` have, wherever it belongs. Once: a second call does nothing.
  [[nodiscard]] Result<> put(std::size_t number, std::span<const std::byte> bytes, Counter& from);
  [[nodiscard]] Result<bool> try_segment(const Segment& segment, std::string_view frame, const ImageFile& seed);
  [[nodiscard]] bool wants_any(const Segment& segment) const;
  [[nodiscard]] Result<> take(std::size_t number, const std::string& frame);
  [[nodiscard]] std::size_t number_of(const Chunk& chunk) const { return pieces_.number.at(chunk.id); }

  const Index& index_;
  Pieces pieces_;
  Target target_;
  std::size_t jobs_;
  Progress& progress_;
  std::vector<std::atomic<bool>> done_;  // by piece
  std::atomic<std::size_t> wanted_;
  Counter from_target_{0}, from_seeds_{0}, from_delta_{0}, fetched_{0}, compressed_{0};
};

}  // namespace reburst::chunks
