#include <algorithm>
#include <optional>

#include "builder/image/verity_tree.hpp"
#include "core/file.hpp"

namespace reburst::image {

namespace {

using Where = VerityFault::Where;

// Blocks of a level by their hashes: those that the level above proves; nothing where that is lost itself.
using Hashes = std::vector<std::optional<Digest>>;

class Comparison {
 public:
  Comparison(int fd, std::uint64_t hash_offset, const Verity& expected, const VerityTree& computed)
      : fd_(fd), hash_offset_(hash_offset), expected_(expected), computed_(computed) {}

  Result<std::vector<VerityFault>> run() {
    Hashes proven = {expected_.root_hash};
    std::uint64_t start = expected_.hash_start * kBlock;
    for (std::size_t i = computed_.levels.size(); i-- > 0;) {
      const auto& level = computed_.levels[i];
      proven = REBURST_TRY(descend(proven, level, start, i == 0));
      start += level.size();
    }
    // One block has no level above it: its hash is the root hash.
    // And where data and tree belong together, but not to this root hash, they are another release's.
    if (computed_.verity.root_hash != expected_.root_hash && std::ranges::all_of(faults_, in_tree))
      add(computed_.levels.empty() ? Where::kData : Where::kUnknown, 0, expected_.data_blocks);
    Bytes stored(kBlock);
    REBURST_TRY(read_at(fd_, hash_offset_, stored, "disk"));
    if (stored != verity_super_block(expected_)) add(Where::kSuperBlock, 0, 1);
    std::stable_sort(faults_.begin(), faults_.end(), [](const VerityFault& a, const VerityFault& b) {
      return std::pair(in_tree(a), a.start) < std::pair(in_tree(b), b.start);
    });
    return std::move(faults_);
  }

 private:
  static bool in_tree(const VerityFault& fault) {
    return fault.where == Where::kTree || fault.where == Where::kSuperBlock;
  }

  void add(Where where, std::uint64_t first_block, std::uint64_t end_block) {
    const VerityFault fault{where, first_block * kBlock, end_block * kBlock};
    if (!faults_.empty() && faults_.back().where == where && faults_.back().end == fault.start) {
      faults_.back().end = fault.end;
    } else {
      faults_.push_back(fault);
    }
  }

  // From the hashes of a level's blocks to those of the level below, or of the data below the leaves.
  Result<Hashes> descend(const Hashes& proven, const Bytes& level, std::uint64_t start, bool leaves) {
    Bytes all(level.size());
    REBURST_TRY(read_at(fd_, hash_offset_ + start, all, "disk"));
    Hashes below;
    for (std::size_t i = 0; i < proven.size(); ++i) {
      const auto stored = std::span<const std::byte>(all).subspan(i * kBlock, kBlock);
      const auto own = std::span<const std::byte>(level).subspan(i * kBlock, kBlock);
      const bool lost = !proven[i];
      const bool right = !lost && hash_block(stored) == *proven[i];
      const bool own_right = right ? std::ranges::equal(stored, own) : !lost && hash_block(own) == *proven[i];
      if (!right && !lost) add(Where::kTree, start / kBlock + i, start / kBlock + i + 1);
      if (leaves && !own_right) compare_leaf(i, stored, own, right ? Where::kData : Where::kUnknown);
      if (!leaves) append(below, right ? stored : own, right || own_right);
    }
    // The last block of a level may have room for more than there are.
    if (!leaves) below.resize(count_below(below.size(), level));
    return below;
  }

  // Blocks of the level that `level` speaks of.
  [[nodiscard]] std::size_t count_below(std::size_t most, const Bytes& level) const {
    for (std::size_t i = 1; i < computed_.levels.size(); ++i) {
      if (&computed_.levels[i] == &level) return computed_.levels[i - 1].size() / kBlock;
    }
    return most;
  }

  static void append(Hashes& below, std::span<const std::byte> block, bool proven) {
    for (std::size_t at = 0; at < block.size(); at += kHash) {
      Digest digest;
      std::ranges::copy(block.subspan(at, kHash), std::as_writable_bytes(std::span(digest.bytes)).begin());
      below.push_back(proven ? std::optional(digest) : std::nullopt);
    }
  }

  void compare_leaf(std::size_t block, std::span<const std::byte> stored, std::span<const std::byte> own, Where where) {
    for (std::size_t i = 0; i < kHashesPerBlock; ++i) {
      const auto data = block * kHashesPerBlock + i;
      if (data < expected_.data_blocks &&
          !std::ranges::equal(stored.subspan(i * kHash, kHash), own.subspan(i * kHash, kHash)))
        add(where, data, data + 1);
    }
  }

  int fd_;
  std::uint64_t hash_offset_;
  const Verity& expected_;
  const VerityTree& computed_;
  std::vector<VerityFault> faults_;
};

}  // namespace

Result<std::vector<VerityFault>> compare_verity(int fd, std::uint64_t data_offset, std::uint64_t hash_offset,
                                                const Verity& expected, std::size_t jobs) {
  const VerityTree computed = REBURST_TRY(make_verity_tree(fd, data_offset, expected.data_blocks, jobs));
  return Comparison(fd, hash_offset, expected, computed).run();
}

}  // namespace reburst::image
