#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "builder/image/bytes.hpp"
#include "builder/image/walk.hpp"

// The records of erofs (fs/erofs/erofs_fs.h of Linux 6.1), one function each. No I/O, no planning.
namespace reburst::image::erofs {

inline constexpr std::uint64_t kSuperOffset = 1024;
inline constexpr std::uint64_t kSuperSize = 128;
inline constexpr std::uint64_t kSlot = 32;  // a nid counts these
inline constexpr std::uint64_t kCompactInode = 32;
inline constexpr std::uint64_t kExtendedInode = 64;
inline constexpr std::uint64_t kDirent = 12;
inline constexpr std::uint64_t kMaxName = 255;
inline constexpr std::uint32_t kNoBlock = 0xffffffff;  // EROFS_NULL_ADDR

struct Inode {
  const Node* node = nullptr;
  bool extended = false;
  bool inlined = false;    // EROFS_INODE_FLAT_INLINE; otherwise EROFS_INODE_FLAT_PLAIN
  std::uint64_t size = 0;  // of the data
  std::uint32_t block = kNoBlock;
  std::int64_t epoch = 0;
};

// Compact inodes hold 16-bit owners and link counts and 32-bit sizes, and take their time from the super block.
[[nodiscard]] bool needs_extended(const Node& node, std::uint64_t size);
void put_inode(std::span<std::byte> to, const Inode& inode, std::size_t xattr_bytes);

// The inline xattr body, empty without attributes. kPackage when a name or value does not fit.
[[nodiscard]] Result<Bytes> encode_xattrs(const Node& node);

struct Dirent {
  std::string_view name;
  std::size_t node = 0;
};
// All entries of a folder, "." and ".." among them, sorted by bytes.
[[nodiscard]] std::vector<Dirent> dirents(const std::vector<Node>& nodes, std::size_t folder);
// Bytes that put_dirents() will fill: whole blocks but for the last.
[[nodiscard]] std::uint64_t dirents_size(std::span<const Dirent> entries);
[[nodiscard]] Bytes put_dirents(std::span<const Dirent> entries, const std::vector<Node>& nodes,
                                std::span<const std::uint64_t> nids);

struct SuperBlock {
  std::uint64_t root_nid = 0;
  std::uint64_t inodes = 0;
  std::int64_t epoch = 0;
  std::uint32_t blocks = 0;
  std::span<const std::byte> uuid;
  std::string_view volume;
};
// Fills the super block into block 0, whose other bytes are final, and its checksum over the rest of the block.
void put_super_block(std::span<std::byte> block, const SuperBlock& super);

}  // namespace reburst::image::erofs
