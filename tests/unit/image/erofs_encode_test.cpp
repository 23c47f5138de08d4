#include "builder/image/erofs_encode.hpp"

#include <sys/stat.h>

#include <functional>

#include "builder/image/checksum.hpp"
#include "builder/image/uuid.hpp"
#include "core/text.hpp"
#include "tools.hpp"

namespace reburst::image::erofs {

static Node file_node() {
  Node node;
  node.path = "/f";
  node.mode = S_IFREG | 0644;
  node.uid = 3;
  node.gid = 4;
  node.links = 1;
  node.size = 0x123;
  return node;
}

TEST(ErofsEncode, CompactInode) {
  const Node node = file_node();
  Bytes out(32);
  put_inode(out, {.node = &node, .extended = false, .inlined = false, .size = node.size, .block = 9, .epoch = 5}, 0);
  EXPECT_EQ(to_hex(out),
            "00000000a481010023010000000000000900000000000000"
            "03000400"
            "00000000");
}

TEST(ErofsEncode, ExtendedInodeHoldsLargeOwnersSizesAndTime) {
  Node node = file_node();
  node.uid = 0x12345;
  Bytes out(64);
  put_inode(out, {.node = &node, .extended = true, .inlined = false, .size = 0x1122334455, .block = 9, .epoch = 5}, 0);
  EXPECT_EQ(to_hex(out),
            "01000000a4810000"
            "5544332211000000"
            "09000000"
            "00000000"
            "45230100"
            "04000000"
            "0500000000000000"
            "00000000"
            "01000000"
            "00000000000000000000000000000000");
}

TEST(ErofsEncode, ChoosesTheExtendedInodeOnlyWhereItIsNeeded) {
  Node node = file_node();
  EXPECT_FALSE(needs_extended(node, 0xffffffff));
  EXPECT_TRUE(needs_extended(node, 0x100000000));
  node.uid = node.gid = 65535;
  node.links = 65535;
  EXPECT_FALSE(needs_extended(node, 0));
  node.gid = 65536;
  EXPECT_TRUE(needs_extended(node, 0));
  node.gid = 0;
  node.links = 65536;
  EXPECT_TRUE(needs_extended(node, 0));
}

TEST(ErofsEncode, InlineXattrs) {
  Node node = file_node();
  node.xattrs = {{"security.capability", "abc"}, {"system.posix_acl_access", "Z"}, {"user.k", ""}};
  const Bytes body = testing::need(encode_xattrs(node));
  EXPECT_EQ(to_hex(body),
            "000000000000000000000000"
            "0a060300" +
                to_hex(as_bytes("capabilityabc")) +
                "000000"
                "00020100"
                "5a000000"
                "01010000"
                "6b000000");
  Bytes inode(32);
  put_inode(inode, {.node = &node}, body.size());
  EXPECT_EQ(get<std::uint16_t>(inode, 2), 1 + (body.size() - 12) / 4);
}

TEST(ErofsEncode, RefusesAttributesThatDoNotFit) {
  Node node = file_node();
  node.xattrs = {{"user." + std::string(256, 'n'), "v"}};
  EXPECT_EQ(encode_xattrs(node).error().message,
            "cannot store the attribute \"user." + std::string(256, 'n') + "\" of \"/f\" in erofs: too long");
  node.xattrs = {{"user.k", std::string(65536, 'v')}};
  EXPECT_EQ(encode_xattrs(node).error().message, "cannot store the attribute \"user.k\" of \"/f\" in erofs: too long");
  node.xattrs = {{"btrfs.k", "v"}};
  EXPECT_EQ(encode_xattrs(node).error().message,
            "cannot store the attribute \"btrfs.k\" of \"/f\" in erofs: unknown kind");
  node.xattrs.clear();
  for (char c = 'a'; c <= 'e'; ++c) node.xattrs.push_back({std::string("user.") + c, std::string(65535, 'v')});
  EXPECT_EQ(encode_xattrs(node).error().message, "cannot store the attributes of \"/f\" in erofs: more than 256 KiB");
}

// A folder with `count` files named by `name`; node 0 is the folder.
static std::vector<Node> folder_of(std::size_t count, const std::function<std::string(std::size_t)>& name) {
  std::vector<Node> nodes(1);
  nodes[0].mode = S_IFDIR | 0755;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push_back(file_node());
    nodes[0].entries.emplace_back(name(i), i + 1);
  }
  return nodes;
}

TEST(ErofsEncode, EntriesAreSortedByBytesWithTheDotsAmongThem) {
  const auto nodes = folder_of(3, [](std::size_t i) { return std::string("+\xffz").substr(i, 1); });
  std::vector<std::string> names;
  for (const Dirent& entry : dirents(nodes, 0)) names.emplace_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"+", ".", "..", "z", "\xff"}));
}

TEST(ErofsEncode, FolderBlock) {
  const auto nodes = folder_of(1, [](std::size_t) { return "ab"; });
  const auto entries = dirents(nodes, 0);
  const std::vector<std::uint64_t> nids{36, 40};
  EXPECT_EQ(to_hex(put_dirents(entries, nodes, nids)),
            "2400000000000000"
            "2400"
            "02"
            "00"
            "2400000000000000"
            "2500"
            "02"
            "00"
            "2800000000000000"
            "2700"
            "01"
            "00"
            "2e"
            "2e2e"
            "6162");
}

TEST(ErofsEncode, EntriesNeverCrossABlock) {
  const auto nodes = folder_of(40, [](std::size_t i) { return std::string(200, static_cast<char>('A' + i)); });
  const auto entries = dirents(nodes, 0);
  // Both dots and 19 names of 200 bytes fill 4055 bytes, 19 more names 4028: one more would cross the block's end. Two
  // are left.
  const Bytes out = put_dirents(entries, nodes, std::vector<std::uint64_t>(41, 36));
  EXPECT_EQ(out.size(), dirents_size(entries));
  EXPECT_EQ(out.size(), 2 * 4096U + 2 * 212);
  EXPECT_EQ(get<std::uint16_t>(out, 8) / 12, 21);
  EXPECT_EQ(get<std::uint16_t>(out, 4096 + 8) / 12, 19);
  EXPECT_EQ(get<std::uint16_t>(out, 8192 + 8) / 12, 2);
}

TEST(ErofsEncode, SuperBlock) {
  Bytes block(kBlock);
  const Uuid uuid = "00112233-4455-6677-8899-aabbccddeeff"_uuid;
  put_super_block(block, {.root_nid = 36,
                          .inodes = 7,
                          .epoch = 0x0102030405,
                          .blocks = 99,
                          .uuid = uuid.bytes,
                          .volume = "a-role-of-twenty-byt"});
  const auto super = std::span(block).subspan(kSuperOffset, kSuperSize);
  EXPECT_EQ(get<std::uint32_t>(super, 0), 0xe0f5e1e2U);
  EXPECT_EQ(get<std::uint32_t>(super, 8), 1U);
  EXPECT_EQ(std::to_integer<int>(super[12]), 12);
  EXPECT_EQ(get<std::uint16_t>(super, 14), 36);
  EXPECT_EQ(get<std::uint64_t>(super, 16), 7U);
  EXPECT_EQ(get<std::uint64_t>(super, 24), 0x0102030405U);
  EXPECT_EQ(get<std::uint32_t>(super, 36), 99U);
  EXPECT_EQ(to_hex(super.subspan(48, 16)), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(to_hex(super.subspan(64, 16)), to_hex(as_bytes(std::string_view("a-role-of-twent\0", 16))));
  const auto stored = get<std::uint32_t>(super, 4);
  put(super, 4, std::uint32_t{0});
  EXPECT_EQ(stored, crc32c(~0U, std::span<const std::byte>(block).subspan(kSuperOffset)));
}

}  // namespace reburst::image::erofs
