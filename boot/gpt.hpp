#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "boot/boot_conf.hpp"

namespace reburst::boot {

// One used entry of a GUID partition table (UEFI 2.10, 5.3).
struct GptEntry {
  Uuid partuuid;
  Text<40> label;            // '?' stands for what is not printable ASCII
  std::uint32_t number = 0;  // 1 is the first slot, as in the kernel's names
  std::uint64_t first_sector = 0;
  std::uint64_t sectors = 0;
};

struct Gpt {
  std::array<GptEntry, 128> entries;
  std::size_t count = 0;
  [[nodiscard]] std::span<const GptEntry> used() const { return std::span(entries).first(count); }
};

// Where the table is read from: a disk, or a buffer in a test.
class SectorReader {
 public:
  SectorReader() = default;
  SectorReader(const SectorReader&) = delete;
  SectorReader& operator=(const SectorReader&) = delete;
  SectorReader(SectorReader&&) = delete;
  SectorReader& operator=(SectorReader&&) = delete;
  virtual bool read(std::uint64_t offset, std::span<std::uint8_t> bytes) = 0;

 protected:
  ~SectorReader() = default;
};

// The primary table, or the backup when the primary is not valid: signature, both CRC32s, sizes and places are checked,
// no entry may reach beyond the usable sectors, and no two may share one. False when neither is valid. `sector_size` is
// 512 or 4096.
[[nodiscard]] bool read_gpt(SectorReader& disk, std::uint64_t disk_size, std::uint32_t sector_size, Gpt& gpt);

}  // namespace reburst::boot
