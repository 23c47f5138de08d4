#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "builder/image/bytes.hpp"
#include "builder/image/verity.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"

namespace reburst::image {

inline constexpr std::uint64_t kHash = 32;
inline constexpr std::uint64_t kHashesPerBlock = kBlock / kHash;

// Levels from the leaves up to the one block under the root hash; none over a single data block. On disk the root's
// block comes first, the leaves' level last.
struct VerityTree {
  std::vector<Bytes> levels;
  Verity verity;
};

// Computed from `data_blocks` blocks at `offset`.
[[nodiscard]] Result<VerityTree> make_verity_tree(int fd, std::uint64_t offset, std::uint64_t data_blocks,
                                                  std::size_t jobs);

[[nodiscard]] Bytes verity_super_block(const Verity& verity);
[[nodiscard]] Digest hash_block(std::span<const std::byte> block);

}  // namespace reburst::image
