#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "builder/tree/tree.hpp"
#include "core/result.hpp"

namespace reburst::image {

// One extended attribute, by its full name ("security.capability").
struct Xattr {
  std::string name, value;
  auto operator<=>(const Xattr&) const = default;
};

// One inode of the tree. Hard links are several names of one node.
struct Node {
  std::string path;  // its first name, absolute inside the image; "/" for the root
  mode_t mode = 0;   // type and permissions
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint32_t links = 0;                                   // names in the tree; a folder: 2 + its subfolders
  std::uint32_t device = 0;                                  // device nodes: as new_encode_dev() of linux/kdev_t.h
  std::uint64_t size = 0;                                    // regular files
  std::string target;                                        // symbolic links
  std::vector<Xattr> xattrs;                                 // sorted by name
  std::size_t parent = 0;                                    // folders: the node of ".."
  std::vector<std::pair<std::string, std::size_t>> entries;  // folders: sorted by bytes, without "." and ".."
};

// A tree as it is to be written. Node 0 is the root; the order is that of a sorted walk.
struct Walk {
  std::vector<Node> nodes;
  std::vector<std::vector<std::size_t>>
      data;  // regular files with content, per group of Tree::layout, in its order; each node once
};

// Reads types, owners, modes and attributes as this process sees them. kInternal when the layout and the tree differ: a
// name that only one of them has, or a file (not a folder) that the layout names twice. Time stamps are not read.
// Attributes that the build machine's own security modules add (security.selinux …) are no part of an image and are
// left out.
[[nodiscard]] Result<Walk> walk_tree(const tree::Tree& tree);

}  // namespace reburst::image
