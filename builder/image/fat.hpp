#pragma once

#include <cstdint>
#include <span>
#include <string>

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

// Where in the file system write_esp() puts the program; the file system's own structures come before.
[[nodiscard]] std::uint64_t esp_program_offset(std::uint64_t program_bytes);

// Writes the file system of esp_size() into `fd` at `offset`, where the file holds nothing but zeros.
[[nodiscard]] Result<> write_esp(int fd, std::uint64_t offset, std::span<const std::byte> program,
                                 const EspOptions& options);

// What a firmware would start of the `size` bytes at `offset`: the content of /EFI/BOOT/BOOTX64.EFI of a FAT32 file
// system that anybody may have changed since. kIntegrity when there is none.
[[nodiscard]] Result<std::string> read_boot_program(int fd, std::uint64_t offset, std::uint64_t size);

}  // namespace reburst::image
