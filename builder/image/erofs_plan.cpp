#include <sys/stat.h>

#include "builder/image/erofs.hpp"
#include "builder/image/erofs_encode.hpp"
#include "core/digest.hpp"

namespace reburst::image {

namespace {

using namespace erofs;

constexpr std::uint64_t kFirstInode = kSuperOffset + kSuperSize;

// Where one node's inode goes, and what follows it.
struct Place {
  std::uint64_t at = 0;    // byte offset of the inode
  std::uint64_t size = 0;  // of the data
  Bytes xattrs;
  bool extended = false;
  bool inlined = false;
  std::uint32_t block = kNoBlock;
  [[nodiscard]] std::uint64_t inode_bytes() const { return extended ? kExtendedInode : kCompactInode; }
  [[nodiscard]] std::uint64_t head_bytes() const { return inode_bytes() + xattrs.size(); }
};

class Planner {
 public:
  Planner(const Walk& walk, const ErofsOptions& options) : walk_(walk), options_(options), places_(walk.nodes.size()) {}

  Result<ErofsPlan> run() {
    for (std::size_t i = 0; i < places_.size(); ++i) REBURST_TRY(place_inode(i));
    next_block_ = blocks_of(at_, kBlock);
    for (std::size_t i = 0; i < places_.size(); ++i) place_metadata_blocks(i);
    plan_.metadata.resize(next_block_ * kBlock);
    place_file_data();
    if (next_block_ > 0xffffffff) return fail(ErrorCode::kPackage, "the root file system is larger than 16 TiB");
    plan_.blocks = next_block_;
    write_metadata();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] bool is_type(std::size_t number, mode_t type) const {
    return (walk_.nodes[number].mode & S_IFMT) == type;
  }

  [[nodiscard]] std::uint64_t data_size(std::size_t number) const {
    if (is_type(number, S_IFDIR)) return dirents_size(dirents(walk_.nodes, number));
    if (is_type(number, S_IFLNK)) return walk_.nodes[number].target.size();
    return walk_.nodes[number].size;
  }

  // Folders and links keep the last, partial block of their data behind the inode when both fit into one block; readers
  // want neither that tail nor (by choice) the fixed part of an inode to cross a block.
  Result<> place_inode(std::size_t number) {
    const Node& node = walk_.nodes[number];
    for (const auto& [name, child] : node.entries) {
      if (name.size() > kMaxName)
        return fail(ErrorCode::kPackage, "the name \"" + name + "\" is longer than 255 bytes");
    }
    Place& place = places_[number];
    place.size = data_size(number);
    place.extended = needs_extended(node, place.size);
    place.xattrs = REBURST_TRY(encode_xattrs(node));
    const std::uint64_t tail = is_type(number, S_IFREG) ? 0 : place.size % kBlock;
    place.inlined = tail != 0 && place.head_bytes() + tail <= kBlock;
    const std::uint64_t together = place.inlined ? place.head_bytes() + tail : place.inode_bytes();
    at_ = round_up(at_, kSlot);
    if (at_ % kBlock + together > kBlock) at_ = round_up(at_, kBlock);
    place.at = at_;
    at_ += place.head_bytes() + (place.inlined ? tail : 0);
    return {};
  }

  // What a folder or link does not keep behind its inode.
  void place_metadata_blocks(std::size_t number) {
    Place& place = places_[number];
    if (is_type(number, S_IFREG)) return;
    const std::uint64_t count = place.inlined ? place.size / kBlock : blocks_of(place.size, kBlock);
    if (count == 0) return;
    place.block = static_cast<std::uint32_t>(next_block_);
    next_block_ += count;
  }

  void place_file_data() {
    for (const auto& group : walk_.data) {
      for (const std::size_t number : group) {
        places_[number].block = static_cast<std::uint32_t>(next_block_);
        plan_.extents.push_back({number, next_block_});
        next_block_ += blocks_of(walk_.nodes[number].size, kBlock);
      }
    }
  }

  void write_metadata() {
    std::vector<std::uint64_t> nids;
    nids.reserve(places_.size());
    for (const Place& place : places_) nids.push_back(place.at / kSlot);
    for (std::size_t i = 0; i < places_.size(); ++i) write_node(i, nids);
    derive_uuid();
    put_super_block(std::span(plan_.metadata).first(kBlock), {.root_nid = nids.front(),
                                                              .inodes = places_.size(),
                                                              .epoch = options_.epoch,
                                                              .blocks = static_cast<std::uint32_t>(plan_.blocks),
                                                              .uuid = plan_.uuid.bytes,
                                                              .volume = options_.volume});
  }

  void write_node(std::size_t number, std::span<const std::uint64_t> nids) {
    const Node& node = walk_.nodes[number];
    const Place& place = places_[number];
    const std::span<std::byte> to = std::span(plan_.metadata).subspan(place.at);
    put_inode(to, {&node, place.extended, place.inlined, place.size, place.block, options_.epoch}, place.xattrs.size());
    put(to, place.inode_bytes(), std::span<const std::byte>(place.xattrs));
    if (is_type(number, S_IFDIR)) write_data(place, put_dirents(dirents(walk_.nodes, number), walk_.nodes, nids));
    if (is_type(number, S_IFLNK)) write_data(place, as_bytes(node.target));
  }

  void write_data(const Place& place, std::span<const std::byte> data) {
    const std::size_t in_blocks = place.inlined ? data.size() / kBlock * kBlock : data.size();
    if (in_blocks != 0) put(plan_.metadata, std::size_t{place.block} * kBlock, data.first(in_blocks));
    if (place.inlined) put(plan_.metadata, place.at + place.head_bytes(), data.subspan(in_blocks));
  }

  // All metadata but the super block, and the label.
  void derive_uuid() {
    Hasher hasher;
    hasher.update(plan_.metadata);
    plan_.uuid = derived_uuid("reburst erofs", options_.uuid_label + "\n" + hasher.finish().hex());
  }

  const Walk& walk_;
  const ErofsOptions& options_;
  std::vector<Place> places_;
  ErofsPlan plan_;
  std::uint64_t at_ = kFirstInode;
  std::uint64_t next_block_ = 0;
};

}  // namespace

Result<ErofsPlan> plan_erofs(const Walk& walk, const ErofsOptions& options) {
  return Planner(walk, options).run();
}

}  // namespace reburst::image
