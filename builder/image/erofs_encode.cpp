#include "builder/image/erofs_encode.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "builder/image/checksum.hpp"

namespace reburst::image::erofs {

namespace {

constexpr std::uint32_t kMagic = 0xe0f5e1e2;
constexpr std::uint32_t kFeatureChecksum = 1;  // EROFS_FEATURE_COMPAT_SB_CHKSUM
constexpr std::uint64_t kXattrHeader = 12;     // erofs_xattr_ibody_header
constexpr std::uint64_t kXattrEntry = 4;

struct XattrIndex {
  std::string_view prefix;
  std::uint8_t index;
};
constexpr std::array<XattrIndex, 5> kXattrIndexes{
    {{"user.", 1}, {"system.posix_acl_access", 2}, {"system.posix_acl_default", 3}, {"trusted.", 4}, {"security.", 6}}};

const XattrIndex* find_index(std::string_view name) {
  const auto* const found =
      std::ranges::find_if(kXattrIndexes, [&](const XattrIndex& entry) { return name.starts_with(entry.prefix); });
  return found == kXattrIndexes.end() ? nullptr : found;
}

// EROFS_FT_*: the same numbers as FT_* of include/linux/fs_types.h.
std::uint8_t file_type(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return 1;
    case S_IFDIR: return 2;
    case S_IFCHR: return 3;
    case S_IFBLK: return 4;
    case S_IFIFO: return 5;
    case S_IFSOCK: return 6;
    default: return 7;  // a symbolic link
  }
}

// The raw_blkaddr or rdev field.
std::uint32_t inode_union(const Inode& inode) {
  const mode_t type = inode.node->mode & S_IFMT;
  return type == S_IFCHR || type == S_IFBLK ? inode.node->device : inode.block;
}

// How many entries, from the first on, fit into one block.
std::size_t fit_block(std::span<const Dirent> entries) {
  std::uint64_t used = 0;
  std::size_t count = 0;
  while (count < entries.size() && used + kDirent + entries[count].name.size() <= kBlock) {
    used += kDirent + entries[count].name.size();
    ++count;
  }
  return count;
}

std::uint64_t bytes_used(std::span<const Dirent> entries) {
  std::uint64_t used = 0;
  for (const Dirent& entry : entries) used += kDirent + entry.name.size();
  return used;
}

}  // namespace

bool needs_extended(const Node& node, std::uint64_t size) {
  return node.uid > 0xffff || node.gid > 0xffff || node.links > 0xffff || size > 0xffffffff;
}

void put_inode(std::span<std::byte> to, const Inode& inode, std::size_t xattr_bytes) {
  const Node& node = *inode.node;
  const unsigned layout = inode.inlined ? 2U : 0U;
  put(to, 0, static_cast<std::uint16_t>((layout << 1U) | (inode.extended ? 1U : 0U)));
  put(to, 2, static_cast<std::uint16_t>(xattr_bytes == 0 ? 0 : (xattr_bytes - kXattrHeader) / 4 + 1));
  put(to, 4, static_cast<std::uint16_t>(node.mode));
  put(to, 16, inode_union(inode));
  // i_ino (offset 20) stays 0: Linux numbers erofs inodes by their nid.
  if (inode.extended) {
    put(to, 8, inode.size);
    put(to, 24, static_cast<std::uint32_t>(node.uid));
    put(to, 28, static_cast<std::uint32_t>(node.gid));
    put(to, 32, static_cast<std::uint64_t>(inode.epoch));
    put(to, 44, node.links);
  } else {
    put(to, 6, static_cast<std::uint16_t>(node.links));
    put(to, 8, static_cast<std::uint32_t>(inode.size));
    put(to, 24, static_cast<std::uint16_t>(node.uid));
    put(to, 26, static_cast<std::uint16_t>(node.gid));
  }
}

Result<Bytes> encode_xattrs(const Node& node) {
  Bytes body;
  for (const Xattr& xattr : node.xattrs) {
    const XattrIndex* const index = find_index(xattr.name);
    const std::string what = "cannot store the attribute \"" + xattr.name + "\" of \"" + node.path + "\" in erofs: ";
    if (index == nullptr) return fail(ErrorCode::kPackage, what + "unknown kind");
    const std::string_view name = std::string_view(xattr.name).substr(index->prefix.size());
    if (name.size() > kMaxName || xattr.value.size() > 0xffff) return fail(ErrorCode::kPackage, what + "too long");
    if (body.empty()) body.resize(kXattrHeader);
    const std::size_t at = body.size();
    body.resize(at + round_up(kXattrEntry + name.size() + xattr.value.size(), 4));
    body[at] = static_cast<std::byte>(name.size());
    body[at + 1] = static_cast<std::byte>(index->index);
    put(body, at + 2, static_cast<std::uint16_t>(xattr.value.size()));
    put_text(body, at + kXattrEntry, name);
    put_text(body, at + kXattrEntry + name.size(), xattr.value);
  }
  if (body.size() > 4ULL * 0xffff) {
    return fail(ErrorCode::kPackage,
                "cannot store the attributes of \"" + node.path + "\" in erofs: more than 256 KiB");
  }
  return body;
}

std::vector<Dirent> dirents(const std::vector<Node>& nodes, std::size_t folder) {
  const Node& node = nodes[folder];
  std::vector<Dirent> entries{{".", folder}, {"..", node.parent}};
  entries.reserve(node.entries.size() + 2);
  for (const auto& [name, child] : node.entries) entries.push_back({name, child});
  std::ranges::sort(entries, {}, &Dirent::name);
  return entries;
}

std::uint64_t dirents_size(std::span<const Dirent> entries) {
  std::uint64_t size = 0;
  while (!entries.empty()) {
    const std::size_t count = fit_block(entries);
    const bool last = count == entries.size();
    size += last ? bytes_used(entries) : kBlock;
    entries = entries.subspan(count);
  }
  return size;
}

Bytes put_dirents(std::span<const Dirent> entries, const std::vector<Node>& nodes,
                  std::span<const std::uint64_t> nids) {
  Bytes out(dirents_size(entries));
  for (std::size_t start = 0; !entries.empty(); start += kBlock) {
    const std::span<const Dirent> block = entries.first(fit_block(entries));
    std::size_t name_at = block.size() * kDirent;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const std::size_t at = start + i * kDirent;
      put(out, at, nids[block[i].node]);
      put(out, at + 8, static_cast<std::uint16_t>(name_at));
      out[at + 10] = static_cast<std::byte>(file_type(nodes[block[i].node].mode));
      put_text(out, start + name_at, block[i].name);
      name_at += block[i].name.size();
    }
    entries = entries.subspan(block.size());
  }
  return out;
}

void put_super_block(std::span<std::byte> block, const SuperBlock& super) {
  const std::span<std::byte> to = block.subspan(kSuperOffset, kSuperSize);
  put(to, 0, kMagic);
  put(to, 8, kFeatureChecksum);
  to[12] = std::byte{12};  // log2 of the block size
  put(to, 14, static_cast<std::uint16_t>(super.root_nid));
  put(to, 16, super.inodes);
  put(to, 24, static_cast<std::uint64_t>(super.epoch));
  put(to, 36, super.blocks);
  // meta_blkaddr (40) is 0: nids count from the start of the file system.
  put(to, 48, super.uuid);
  put_text(to, 64, super.volume.substr(0, 15));
  put(to, 4, crc32c(~0U, block.subspan(kSuperOffset, kBlock - kSuperOffset)));
}

}  // namespace reburst::image::erofs
