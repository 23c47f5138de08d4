#pragma once

#include <cstdint>
#include <vector>

#include "core/digest.hpp"
#include "core/result.hpp"

namespace reburst::image {

// A dm-verity hash tree, format version 1, SHA-256, 4096-byte data and hash blocks, no salt
// (docs/formats/disk-image.md; format: Linux Documentation/admin-guide/device-mapper/verity.rst, super block:
// cryptsetup's lib/verity/verity.c). Without a salt, equal data blocks have equal hashes in every image.
struct Verity {
  Digest root_hash;
  std::uint64_t data_blocks = 0;
  std::uint64_t hash_start = 1;   // the block after the super block
  std::uint64_t hash_blocks = 0;  // super block and tree
};

// Blocks that the super block and the tree over `data_blocks` (at least 1) take.
[[nodiscard]] std::uint64_t verity_blocks(std::uint64_t data_blocks);

// Hashes `data_blocks` blocks of `data_fd` from `data_offset` and writes super block and tree into `hash_fd` at
// `hash_offset` (both may be one file). Same bytes whatever `jobs`.
[[nodiscard]] Result<Verity> write_verity(int data_fd, std::uint64_t data_offset, std::uint64_t data_blocks,
                                          int hash_fd, std::uint64_t hash_offset, std::size_t jobs);

// Recomputes the tree over the blocks that the super block at `hash_offset` counts and compares it with the stored one,
// which may take `hash_size` bytes and covers at most `data_size`. kIntegrity when the super block is not as
// write_verity() writes it, and when a stored block differs (the message says which data it covers).
[[nodiscard]] Result<Verity> check_verity(int fd, std::uint64_t data_offset, std::uint64_t data_size,
                                          std::uint64_t hash_offset, std::uint64_t hash_size, std::size_t jobs);

// What of data and stored tree is not what a root hash stands for, in bytes of its partition. kUnknown: data and
// their hashes do not belong together, or not to this root hash, and nothing proves which of them differ.
struct VerityFault {
  enum class Where { kSuperBlock, kTree, kData, kUnknown };
  Where where = Where::kData;
  std::uint64_t start = 0, end = 0;
  bool operator==(const VerityFault&) const = default;
};

// Every such range, data first, each sorted: a block is right when the hash of its parent says so, whether the disk
// stores it or its data give it. `expected` comes from a source that is trusted.
[[nodiscard]] Result<std::vector<VerityFault>> compare_verity(int fd, std::uint64_t data_offset,
                                                              std::uint64_t hash_offset, const Verity& expected,
                                                              std::size_t jobs);

}  // namespace reburst::image
