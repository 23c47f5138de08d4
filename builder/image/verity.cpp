#include "builder/image/verity.hpp"

#include <algorithm>
#include <vector>

#include "builder/image/bytes.hpp"
#include "builder/image/sha256_lanes.hpp"
#include "builder/image/uuid.hpp"
#include "builder/image/verity_tree.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kPerBlock = kHashesPerBlock;

// Blocks of each level, from the leaves' level up. One data block needs no tree: its hash is the root hash.
std::vector<std::uint64_t> level_sizes(std::uint64_t data_blocks) {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t count = data_blocks; count > 1;) {
    count = blocks_of(count, kPerBlock);
    sizes.push_back(count);
  }
  return sizes;
}

// The lowest level: one piece of 128 data blocks for each of its blocks, so pieces are independent.
Result<Bytes> hash_data(int fd, std::uint64_t offset, std::uint64_t data_blocks, std::size_t jobs) {
  const std::uint64_t count = blocks_of(data_blocks, kPerBlock);
  Bytes level(count * kBlock);
  constexpr std::uint64_t kStretch = 8;  // 4 MiB of data for one thread at a time
  REBURST_TRY(parallel_for(jobs, blocks_of(count, kStretch), [&](std::size_t stretch) -> Result<> {
    Bytes buffer(kPerBlock * kBlock);
    for (std::uint64_t piece = stretch * kStretch; piece < std::min((stretch + 1) * kStretch, count); ++piece) {
      const std::uint64_t first = piece * kPerBlock;
      const auto part = std::span(buffer).first(std::min(kPerBlock, data_blocks - first) * kBlock);
      REBURST_TRY(read_at(fd, offset + first * kBlock, part, "image"));
      sha256_blocks(part, std::span(level).subspan(piece * kBlock, kBlock));
    }
    return {};
  }));
  return level;
}

}  // namespace

Digest hash_block(std::span<const std::byte> block) {
  return sha256_salted({}, block);
}

Bytes verity_super_block(const Verity& verity) {
  Bytes block(kBlock);
  put_text(block, 0, "verity");
  put(block, 8, std::uint32_t{1});   // version of the super block
  put(block, 12, std::uint32_t{1});  // hash format
  put(block, 16, derived_uuid("reburst verity", verity.root_hash.hex()).bytes);
  put_text(block, 32, "sha256");
  put(block, 64, static_cast<std::uint32_t>(kBlock));
  put(block, 68, static_cast<std::uint32_t>(kBlock));
  put(block, 72, verity.data_blocks);
  return block;  // salt size (offset 80) is 0
}

Result<VerityTree> make_verity_tree(int fd, std::uint64_t offset, std::uint64_t data_blocks, std::size_t jobs) {
  VerityTree tree{
      .levels = {},
      .verity = {
          .root_hash = {}, .data_blocks = data_blocks, .hash_start = 1, .hash_blocks = verity_blocks(data_blocks)}};
  if (data_blocks <= 1) {
    Bytes only(kBlock);
    REBURST_TRY(read_at(fd, offset, only, "image"));
    tree.verity.root_hash = hash_block(only);
    return tree;
  }
  tree.levels.push_back(REBURST_TRY(hash_data(fd, offset, data_blocks, jobs)));
  while (tree.levels.back().size() > kBlock) {
    const Bytes& below = tree.levels.back();
    Bytes level(blocks_of(below.size() / kBlock, kPerBlock) * kBlock);
    sha256_blocks(below, level);
    tree.levels.push_back(std::move(level));
  }
  tree.verity.root_hash = hash_block(tree.levels.back());
  return tree;
}

std::uint64_t verity_blocks(std::uint64_t data_blocks) {
  std::uint64_t count = 1;
  for (const std::uint64_t size : level_sizes(data_blocks)) count += size;
  return count;
}

Result<Verity> write_verity(int data_fd, std::uint64_t data_offset, std::uint64_t data_blocks, int hash_fd,
                            std::uint64_t hash_offset, std::size_t jobs) {
  const VerityTree tree = REBURST_TRY(make_verity_tree(data_fd, data_offset, data_blocks, jobs));
  // On disk the root's block comes first, the leaves' level last.
  std::uint64_t end = hash_offset + tree.verity.hash_blocks * kBlock;
  for (const Bytes& level : tree.levels) {
    end -= level.size();
    REBURST_TRY(write_at(hash_fd, end, level, "image"));
  }
  REBURST_TRY(write_at(hash_fd, hash_offset, verity_super_block(tree.verity), "image"));
  return tree.verity;
}

Result<Verity> check_verity(int fd, std::uint64_t data_offset, std::uint64_t data_size, std::uint64_t hash_offset,
                            std::uint64_t hash_size, std::size_t jobs) {
  Bytes stored(kBlock);
  if (hash_size < kBlock) return fail(ErrorCode::kIntegrity, "the verity partition is too small for its super block");
  REBURST_TRY(read_at(fd, hash_offset, stored, "image"));
  const auto data_blocks = get<std::uint64_t>(stored, 72);
  if (data_blocks == 0 || data_blocks > data_size / kBlock || verity_blocks(data_blocks) > hash_size / kBlock) {
    return fail(ErrorCode::kIntegrity, "the verity super block counts " + std::to_string(data_blocks) +
                                           " blocks, which its partitions cannot hold");
  }
  const VerityTree tree = REBURST_TRY(make_verity_tree(fd, data_offset, data_blocks, jobs));
  std::uint64_t end = hash_offset + tree.verity.hash_blocks * kBlock;
  std::uint64_t covers = kPerBlock;  // data blocks under one hash block of the level
  for (const Bytes& level : tree.levels) {
    end -= level.size();
    stored.resize(level.size());
    REBURST_TRY(read_at(fd, end, stored, "image"));
    const auto different = std::mismatch(level.begin(), level.end(), stored.begin()).first;
    if (different != level.end()) {
      const auto block = static_cast<std::uint64_t>(different - level.begin()) / kBlock;
      return fail(ErrorCode::kIntegrity, "the root file system and its hash tree differ in the bytes from " +
                                             std::to_string(block * covers * kBlock) + " to " +
                                             std::to_string(std::min((block + 1) * covers, data_blocks) * kBlock));
    }
    covers *= kPerBlock;
  }
  stored.resize(kBlock);
  REBURST_TRY(read_at(fd, hash_offset, stored, "image"));
  if (stored != verity_super_block(tree.verity))
    return fail(ErrorCode::kIntegrity, "the verity super block is not its tree's");
  return tree.verity;
}

}  // namespace reburst::image
