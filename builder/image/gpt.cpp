#include "builder/image/gpt.hpp"

#include "builder/image/checksum.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kEntrySize = 128;
constexpr std::uint64_t kEntries = 128;
constexpr std::uint64_t kEntrySectors = kEntries * kEntrySize / kSector;
constexpr std::uint64_t kHeaderSize = 92;
constexpr std::uint64_t kFirstUsable = 2 + kEntrySectors;
constexpr std::uint64_t kMaxName = 36;

Bytes make_entries(const std::vector<Partition>& partitions) {
  Bytes entries(kEntries * kEntrySize);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Partition& partition = partitions[i];
    const std::span<std::byte> to = std::span(entries).subspan(i * kEntrySize, kEntrySize);
    put(to, 0, partition.type.mixed_endian());
    put(to, 16, partition.uuid.mixed_endian());
    put(to, 32, partition.start / kSector);
    put(to, 40, (partition.start + partition.size) / kSector - 1);
    put(to, 48, partition.read_only ? std::uint64_t{1} << 60U : std::uint64_t{0});
    for (std::size_t c = 0; c < std::min<std::size_t>(partition.name.size(), kMaxName); ++c) {
      put(to, 56 + 2 * c, static_cast<std::uint16_t>(static_cast<unsigned char>(partition.name[c])));
    }
  }
  return entries;
}

struct HeaderPlace {
  std::uint64_t self = 0, other = 0, entries = 0;  // sectors
};

Bytes make_header(const HeaderPlace& place, const Uuid& disk, std::uint64_t sectors, std::uint32_t entries_crc) {
  Bytes header(kSector);
  put_text(header, 0, "EFI PART");
  put(header, 8, std::uint32_t{0x00010000});
  put(header, 12, static_cast<std::uint32_t>(kHeaderSize));
  put(header, 24, place.self);
  put(header, 32, place.other);
  put(header, 40, kFirstUsable);
  put(header, 48, sectors - 2 - kEntrySectors);
  put(header, 56, disk.mixed_endian());
  put(header, 72, place.entries);
  put(header, 80, static_cast<std::uint32_t>(kEntries));
  put(header, 84, static_cast<std::uint32_t>(kEntrySize));
  put(header, 88, entries_crc);
  put(header, 16, crc32(std::span(header).first(kHeaderSize)));
  return header;
}

// One partition of type 0xee over the whole disk (UEFI 2.10, 5.2.3).
void put_protective_mbr(std::span<std::byte> sector, std::uint64_t sectors) {
  const std::span<std::byte> entry = sector.subspan(446, 16);
  put(entry, 0, std::uint32_t{0x00020000});  // not bootable; starts at head 0, sector 2, cylinder 0
  put(entry, 4, std::uint32_t{0xffffffee});  // type; end beyond what CHS can say
  put(entry, 8, std::uint32_t{1});
  put(entry, 12, static_cast<std::uint32_t>(std::min<std::uint64_t>(sectors - 1, 0xffffffff)));
  put(sector, 510, std::uint16_t{0xaa55});
}

}  // namespace

std::uint64_t disk_size_for(std::uint64_t end) {
  return round_up(end + (kEntrySectors + 1) * kSector, kMebibyte);
}

Gpt make_gpt(const std::vector<Partition>& partitions, const Uuid& disk, std::uint64_t disk_size) {
  const std::uint64_t sectors = disk_size / kSector;
  const Bytes entries = make_entries(partitions);
  const std::uint32_t crc = crc32(entries);
  Gpt gpt{Bytes(kFirstUsable * kSector), Bytes((kEntrySectors + 1) * kSector)};
  put_protective_mbr(std::span(gpt.head).first(kSector), sectors);
  put(gpt.head, kSector, make_header({.self = 1, .other = sectors - 1, .entries = 2}, disk, sectors, crc));
  put(gpt.head, 2 * kSector, std::span<const std::byte>(entries));
  put(gpt.tail, 0, std::span<const std::byte>(entries));
  put(gpt.tail, kEntrySectors * kSector,
      make_header({.self = sectors - 1, .other = 1, .entries = sectors - 1 - kEntrySectors}, disk, sectors, crc));
  return gpt;
}

}  // namespace reburst::image
