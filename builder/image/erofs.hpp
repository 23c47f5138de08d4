#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "builder/image/bytes.hpp"
#include "builder/image/uuid.hpp"
#include "builder/image/walk.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::image {

struct ErofsOptions {
  Epoch epoch = 0;         // every time stamp of the file system
  std::string volume;      // cut to 15 bytes
  std::string uuid_label;  // with the metadata, the UUID is derived from it
};

// A planned erofs file system (docs/formats/disk-image.md; struct names as in Linux 6.1's fs/erofs/erofs_fs.h):
//   [super block, inodes with inlined folders and link targets][blocks of large folders][file data, package by package]
// Uncompressed, 4 KiB blocks; every file's data starts at a block, and no file data lies in the metadata.
struct ErofsPlan {
  struct Extent {
    std::size_t node = 0;
    std::uint64_t block = 0;
  };
  Bytes metadata;               // all that comes before the first file's data; whole blocks
  std::vector<Extent> extents;  // ascending blocks, without gaps
  std::uint64_t blocks = 0;     // of the whole file system
  Uuid uuid;
};

// kPackage when something does not fit the format (a name, an attribute, the number of blocks).
[[nodiscard]] Result<ErofsPlan> plan_erofs(const Walk& walk, const ErofsOptions& options);

// Writes `plan` into `fd` at `offset`, where the file must hold nothing but zeros (a fresh file); holes of the tree's
// files stay holes. Data is copied on `jobs` threads, the bytes do not depend on them. A file that changed its size
// since the walk is an error.
[[nodiscard]] Result<> write_erofs(const ErofsPlan& plan, const Walk& walk, const std::filesystem::path& root, int fd,
                                   std::uint64_t offset, std::size_t jobs, Progress& progress);

}  // namespace reburst::image
