#include "boot/gpt.hpp"

#include <string_view>

namespace reburst::boot {

namespace {

constexpr std::uint32_t kEntrySize = 128;  // the only one that anything writes
constexpr std::uint32_t kMaxEntries = 128;

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8U | bytes[i - 1];
  return value;
}

std::uint32_t u32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little_endian(bytes.subspan(at, 4)));
}

std::uint64_t u64(std::span<const std::uint8_t> bytes, std::size_t at) {
  return little_endian(bytes.subspan(at, 8));
}

// CRC-32 of IEEE 802.3, as the UEFI specification asks.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

struct Header {
  std::uint64_t first_usable, last_usable, table_sector;
  std::uint32_t entries, table_crc;
};

bool read_header(SectorReader& disk, std::uint64_t sector, std::uint64_t sectors, std::uint32_t sector_size,
                 Header& out) {
  std::array<std::uint8_t, 512> block{};
  if (!disk.read(sector * sector_size, block)) return false;
  if (std::string_view(reinterpret_cast<const char*>(block.data()), 8) != "EFI PART") return false;
  const std::uint32_t size = u32(block, 12);
  if (size < 92 || size > block.size()) return false;
  const std::uint32_t crc = u32(block, 16);
  for (std::size_t i = 16; i < 20; ++i) block[i] = 0;
  if (crc32(std::span(block).first(size)) != crc || u64(block, 24) != sector) return false;
  out = Header{u64(block, 40), u64(block, 48), u64(block, 72), u32(block, 80), u32(block, 88)};
  return u32(block, 84) == kEntrySize && out.entries <= kMaxEntries && out.last_usable < sectors &&
         out.first_usable <= out.last_usable && out.table_sector < sectors;
}

// GUIDs are stored with their first three fields little-endian.
Uuid read_guid(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 16> kOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  Uuid out;
  for (std::size_t i = 0; i < kOrder.size(); ++i) out.bytes[i] = bytes[kOrder[i]];
  return out;
}

Text<40> read_label(std::span<const std::uint8_t> utf16) {
  Text<40> out;
  for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
    const unsigned unit = utf16[i] | static_cast<unsigned>(utf16[i + 1]) << 8U;
    if (unit == 0) break;
    out.add(unit >= ' ' && unit <= '~' ? static_cast<char>(unit) : '?');
  }
  return out;
}

bool overlap(const GptEntry& a, const GptEntry& b) {
  return a.first_sector < b.first_sector + b.sectors && b.first_sector < a.first_sector + a.sectors;
}

// Two partitions on one sector: what is written to one, a state volume perhaps, changes the other.
bool any_overlap(std::span<const GptEntry> entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (overlap(entries[i], entries[j])) return true;
    }
  }
  return false;
}

bool read_entries(SectorReader& disk, const Header& header, std::uint32_t sector_size, Gpt& gpt) {
  static std::array<std::uint8_t, std::size_t{kMaxEntries} * kEntrySize> table;
  const auto used = std::span(table).first(std::size_t{header.entries} * kEntrySize);
  if (!disk.read(header.table_sector * sector_size, used) || crc32(used) != header.table_crc) return false;
  gpt.count = 0;
  for (std::uint32_t i = 0; i < header.entries; ++i) {
    const auto entry = used.subspan(std::size_t{i} * kEntrySize, kEntrySize);
    if (read_guid(entry) == Uuid{}) continue;  // an unused slot has the type of all zeros
    const std::uint64_t first = u64(entry, 32);
    const std::uint64_t last = u64(entry, 40);
    if (first < header.first_usable || last > header.last_usable || last < first) return false;
    gpt.entries[gpt.count++] =
        GptEntry{read_guid(entry.subspan(16)), read_label(entry.subspan(56, 72)), i + 1, first, last - first + 1};
  }
  return !any_overlap(gpt.used());
}

}  // namespace

bool read_gpt(SectorReader& disk, std::uint64_t disk_size, std::uint32_t sector_size, Gpt& gpt) {
  if (sector_size < 512 || sector_size > 4096) return false;
  const std::uint64_t sectors = disk_size / sector_size;
  if (sectors < 6) return false;
  for (const std::uint64_t place : {std::uint64_t{1}, sectors - 1}) {
    Header header{};
    if (read_header(disk, place, sectors, sector_size, header) && read_entries(disk, header, sector_size, gpt))
      return true;
  }
  gpt.count = 0;
  return false;
}

}  // namespace reburst::boot
