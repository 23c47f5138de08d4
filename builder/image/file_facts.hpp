#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "builder/image/erofs.hpp"
#include "builder/image/walk.hpp"
#include "builder/tree/tree.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"

namespace reburst::image {

// What is known of one path of the image. Every name of a file has all its facts.
struct FileFact {
  std::string path;     // absolute inside the image
  std::string package;  // the one that owns the name; none for folders, which packages share
  std::string link_to;  // every name of a file but the first, by bytes: the first
  mode_t mode = 0;      // type and permissions
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint32_t device = 0;  // as Node::device
  std::string target;        // symbolic links
  std::vector<Xattr> xattrs;
  // Regular files.
  std::uint64_t size = 0;
  std::optional<std::uint64_t> offset;  // of the data in the disk; none without data, and in a compressed file system
  Digest sha256;
  Sha1 sha1;
};

// Every path of the image, sorted by bytes; digests are still to come. `plan` lies at `start` of the disk; without one
// no file has an offset.
[[nodiscard]] std::vector<FileFact> list_files(const Walk& walk, const tree::Tree& tree, const ErofsPlan* plan,
                                               std::uint64_t start);

// Fills in the digests of regular files, in pieces that several threads may work on: from the disk where a file has an
// offset, so that they speak of what the image holds, else from the tree. finish() comes after all pieces.
class FileHashing {
 public:
  // All outlive this; `disk` is a descriptor to read from.
  FileHashing(std::vector<FileFact>& files, int disk, const std::filesystem::path& root);
  [[nodiscard]] std::size_t pieces() const { return starts_.size() - 1; }
  [[nodiscard]] Result<> run(std::size_t piece);
  void finish();

 private:
  [[nodiscard]] Result<> read(const FileFact& file, std::uint64_t from, std::span<std::byte> to) const;
  [[nodiscard]] Result<> hash_large(FileFact& file) const;

  std::vector<FileFact>& files_;
  int disk_;
  const std::filesystem::path& root_;
  std::vector<std::size_t> order_;   // files to hash, the largest first
  std::vector<std::size_t> starts_;  // of the pieces in order_, and its end
};

}  // namespace reburst::image
