#pragma once

#include <cstdint>
#include <span>

#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::image {

// A FAT32 file system (Microsoft's "FAT: General Overview of On-Disk Format" 1.03; UEFI 2.10, 13.3) that holds one
// file, /EFI/BOOT/BOOTX64.EFI, the name that firmware starts without being told.
struct EspOptions {
  std::uint32_t volume_id = 0;
  Epoch epoch = 0;  // of the files; FAT knows 1980 to 2107, other years are clamped
};

// Bytes of the file system that holds a program of `program_bytes`: whole mebibytes, with at least one to spare.
// kPackage beyond 1 GiB.
[[nodiscard]] Result<std::uint64_t> esp_size(std::uint64_t program_bytes);

// Writes the file system of esp_size() into `fd` at `offset`, where the file holds nothing but zeros.
[[nodiscard]] Result<> write_esp(int fd, std::uint64_t offset, std::span<const std::byte> program,
                                 const EspOptions& options);

}  // namespace reburst::image
