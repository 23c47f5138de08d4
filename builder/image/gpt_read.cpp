

#include "builder/image/checksum.hpp"
#include "builder/image/gpt.hpp"
#include "core/file.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kEntrySize = 128;
constexpr std::uint64_t kEntries = 128;
constexpr std::uint64_t kHeaderSize = 92;

Uuid read_guid(std::span<const std::byte> from) {
  constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  Uuid out;
  for (std::size_t i = 0; i < kOrder.size(); ++i) out.bytes[i] = from[kOrder[i]];
  return out;
}

std::string read_name(std::span<const std::byte> utf16) {
  std::string out;
  for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
    const auto unit = get<std::uint16_t>(utf16, i);
    if (unit == 0) break;
    out += unit >= ' ' && unit <= '~' ? static_cast<char>(unit) : '?';
  }
  return out;
}

// Two partitions on one sector: what is written to one changes the other.
bool any_overlap(const std::vector<Partition>& partitions) {
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto& a = partitions[i];
      const auto& b = partitions[j];
      if (a.start < b.start + b.size && b.start < a.start + a.size) return true;
    }
  }
  return false;
}

// The table whose header is in `sector`; nothing when it is damaged.
std::optional<std::vector<Partition>> read_table(int fd, std::uint64_t sector, std::uint64_t sectors) {
  Bytes header(kSector);
  if (!read_at(fd, sector * kSector, header, "disk")) return std::nullopt;
  if (!std::ranges::equal(std::span(header).first(8), as_bytes("EFI PART"))) return std::nullopt;
  const auto stated = get<std::uint32_t>(header, 16);
  put(header, 16, std::uint32_t{0});
  if (crc32(std::span(header).first(kHeaderSize)) != stated || get<std::uint64_t>(header, 24) != sector)
    return std::nullopt;
  const auto table = get<std::uint64_t>(header, 72);
  const bool usual = get<std::uint32_t>(header, 12) == kHeaderSize && get<std::uint32_t>(header, 80) == kEntries &&
                     get<std::uint32_t>(header, 84) == kEntrySize && table < sectors;
  const auto first_usable = get<std::uint64_t>(header, 40);
  const auto last_usable = get<std::uint64_t>(header, 48);
  Bytes entries(kEntries * kEntrySize);
  if (!usual || last_usable >= sectors || !read_at(fd, table * kSector, entries, "disk")) return std::nullopt;
  if (crc32(entries) != get<std::uint32_t>(header, 88)) return std::nullopt;
  std::vector<Partition> out;
  for (std::size_t i = 0; i < kEntries; ++i) {
    const auto entry = std::span<const std::byte>(entries).subspan(i * kEntrySize, kEntrySize);
    const auto type = read_guid(entry);
    if (type == Uuid{}) continue;  // an unused slot
    const auto first = get<std::uint64_t>(entry, 32);
    const auto last = get<std::uint64_t>(entry, 40);
    if (last < first || first < first_usable || last > last_usable) return std::nullopt;
    out.push_back({.type = type,
                   .uuid = read_guid(entry.subspan(16)),
                   .name = read_name(entry.subspan(56, 72)),
                   .read_only = (get<std::uint64_t>(entry, 48) >> 60U & 1U) != 0,
                   .start = first * kSector,
                   .size = (last - first + 1) * kSector});
  }
  if (any_overlap(out)) return std::nullopt;
  return out;
}

}  // namespace

Result<std::vector<Partition>> read_gpt(int fd, std::uint64_t disk_size) {
  const auto sectors = disk_size / kSector;
  for (const std::uint64_t place : {std::uint64_t{1}, sectors - 1}) {
    if (sectors < 68) break;  // two headers, two tables and something between
    if (auto found = read_table(fd, place, sectors)) return std::move(*found);
  }
  return fail(ErrorCode::kIntegrity, "the disk has no whole partition table");
}

}  // namespace reburst::image
