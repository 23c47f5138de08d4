#include "builder/image/verity.hpp"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "builder/image/bytes.hpp"
#include "builder/image/sha256_lanes.hpp"
#include "builder/image/uuid.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kHash = 32;
constexpr std::uint64_t kPerBlock = kBlock / kHash;

// Blocks of each level, from the leaves' level up. One data block needs no tree: its hash is the root hash.
std::vector<std::uint64_t> level_sizes(std::uint64_t data_blocks) {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t count = data_blocks; count > 1;) {
    count = blocks_of(count, kPerBlock);
    sizes.push_back(count);
  }
  return sizes;
}

Result<> read_at(int fd, std::uint64_t offset, std::span<std::byte> to) {
  while (!to.empty()) {
    const ssize_t got = ::pread(fd, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read the root file system back", errno));
    if (got == 0) return fail(ErrorCode::kIo, "cannot read the root file system back: it is cut short");
    to = to.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Digest hash_block(std::span<const std::byte> block) {
  return sha256_salted({}, block);
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
      REBURST_TRY(read_at(fd, offset + first * kBlock, part));
      sha256_blocks(part, std::span(level).subspan(piece * kBlock, kBlock));
    }
    return {};
  }));
  return level;
}

Bytes super_block(const Verity& verity) {
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

}  // namespace

std::uint64_t verity_blocks(std::uint64_t data_blocks) {
  std::uint64_t count = 1;
  for (const std::uint64_t size : level_sizes(data_blocks)) count += size;
  return count;
}

Result<Verity> write_verity(int data_fd, std::uint64_t data_offset, std::uint64_t data_blocks, int hash_fd,
                            std::uint64_t hash_offset, std::size_t jobs) {
  Verity verity{
      .root_hash = {}, .data_blocks = data_blocks, .hash_start = 1, .hash_blocks = verity_blocks(data_blocks)};
  if (data_blocks <= 1) {
    Bytes only(kBlock);
    REBURST_TRY(read_at(data_fd, data_offset, only));
    verity.root_hash = hash_block(only);
    REBURST_TRY(write_at(hash_fd, hash_offset, super_block(verity), "image"));
    return verity;
  }
  // On disk the root's block comes first, the leaves' level last.
  Bytes level = REBURST_TRY(hash_data(data_fd, data_offset, data_blocks, jobs));
  std::uint64_t end = hash_offset + verity.hash_blocks * kBlock;
  for (;;) {
    end -= level.size();
    REBURST_TRY(write_at(hash_fd, end, level, "image"));
    if (level.size() == kBlock) break;
    Bytes above(blocks_of(level.size() / kBlock, kPerBlock) * kBlock);
    sha256_blocks(level, above);
    level = std::move(above);
  }
  verity.root_hash = hash_block(level);
  REBURST_TRY(write_at(hash_fd, hash_offset, super_block(verity), "image"));
  return verity;
}

}  // namespace reburst::image
