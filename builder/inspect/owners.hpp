#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::inspect {

// A file's place on the disk.
struct Extent {
  std::uint64_t start = 0, size = 0;  // bytes; it has its blocks to the end alone
  std::string path;                   // absolute inside the image, as the list writes it
  std::string package;                // empty: none owns it
};

// The files of a verified file list (docs/formats/file-list.md) that have a place on the disk, by place, each once by
// its first name. `name` is for errors.
[[nodiscard]] Result<std::vector<Extent>> read_extents(std::string_view list, std::string_view name);

// The one whose blocks hold this byte of the disk; nullptr where there is none.
[[nodiscard]] const Extent* find_extent(const std::vector<Extent>& extents, std::uint64_t offset);

}  // namespace reburst::inspect
