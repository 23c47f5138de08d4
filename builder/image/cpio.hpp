#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace reburst::image {

// One member of an initrd. Owner and group are root.
struct CpioEntry {
  std::string name;          // relative, without a leading slash: "modules/01-virtio.ko"
  std::uint32_t mode = 0;    // type and permissions: 0100755, 0040755, 0120777
  std::string content = {};  // of a file; a link's target; empty for a folder
};

// A cpio archive in the "newc" format (Linux Documentation/driver-api/early-userspace/buffer-format.rst), padded to 512
// bytes, so that archives may be joined end to end. Entries are sorted by name; every time stamp is `epoch` (clamped to
// 32 bits); inode numbers count from 1. A content of 4 GiB or more does not fit the format (std::length_error: initrds
// are bounded by their callers).
[[nodiscard]] std::string write_cpio(const std::vector<CpioEntry>& entries, Epoch epoch);

}  // namespace reburst::image
