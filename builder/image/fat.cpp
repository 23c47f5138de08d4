#include "builder/image/fat.hpp"

#include <string_view>

#include "builder/image/bytes.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kReserved = 32;            // sectors before the first FAT
constexpr std::uint64_t kMinimumClusters = 65525;  // fewer would be FAT16, whatever the header says
constexpr std::uint32_t kEndOfChain = 0x0fffffff;
constexpr std::uint64_t kMaxProgram = 1U << 30U;
constexpr std::uint8_t kMediaFixed = 0xf8;

struct Geometry {
  std::uint64_t sectors = 0, cluster_sectors = 0, fat_sectors = 0, clusters = 0;
  [[nodiscard]] std::uint64_t cluster_bytes() const { return cluster_sectors * kSector; }
  [[nodiscard]] std::uint64_t data_start() const { return (kReserved + 2 * fat_sectors) * kSector; }
};

// The FAT that covers all clusters of what it leaves itself; grows until it does.
Geometry geometry(std::uint64_t bytes, std::uint64_t cluster_sectors) {
  Geometry shape{.sectors = bytes / kSector, .cluster_sectors = cluster_sectors};
  for (shape.fat_sectors = 1;; ++shape.fat_sectors) {
    shape.clusters = (shape.sectors - kReserved - 2 * shape.fat_sectors) / cluster_sectors;
    if ((shape.clusters + 2) * 4 <= shape.fat_sectors * kSector) return shape;
  }
}

// The smallest whole number of mebibytes that is FAT32 and leaves one mebibyte free.
Geometry choose_geometry(std::uint64_t program_bytes) {
  const std::uint64_t cluster_sectors = program_bytes < 256 * kMebibyte ? 1 : 8;
  const std::uint64_t wanted = program_bytes + kMebibyte + 3 * cluster_sectors * kSector;
  for (std::uint64_t size = round_up(wanted, kMebibyte);; size += kMebibyte) {
    const Geometry shape = geometry(size, cluster_sectors);
    if (shape.clusters >= kMinimumClusters && shape.clusters * shape.cluster_bytes() >= wanted) return shape;
  }
}

Bytes boot_sector(const Geometry& shape, std::uint32_t volume_id) {
  Bytes sector(kSector);
  put_text(sector, 0, "\xeb\x58\x90REBURST ");  // a jump over the header, as readers expect; then the maker's name
  put(sector, 11, static_cast<std::uint16_t>(kSector));
  sector[13] = static_cast<std::byte>(shape.cluster_sectors);
  put(sector, 14, static_cast<std::uint16_t>(kReserved));
  sector[16] = std::byte{2};  // FATs
  sector[21] = std::byte{kMediaFixed};
  put(sector, 24, std::uint16_t{63});  // sectors per track and heads: no meaning left, but never 0
  put(sector, 26, std::uint16_t{255});
  put(sector, 32, static_cast<std::uint32_t>(shape.sectors));
  put(sector, 36, static_cast<std::uint32_t>(shape.fat_sectors));
  put(sector, 44, std::uint32_t{2});  // the root folder's cluster
  put(sector, 48, std::uint16_t{1});  // FSInfo
  put(sector, 50, std::uint16_t{6});  // copy of this sector
  sector[64] = std::byte{0x80};       // drive number
  sector[66] = std::byte{0x29};       // the next three fields are there
  put(sector, 67, volume_id);
  put_text(sector, 71, "NO NAME    FAT32   ");
  put(sector, 510, std::uint16_t{0xaa55});
  return sector;
}

Bytes info_sector(const Geometry& shape, std::uint64_t used) {
  Bytes sector(kSector);
  put_text(sector, 0, "RRaA");
  put_text(sector, 484, "rrAa");
  put(sector, 488, static_cast<std::uint32_t>(shape.clusters - used));
  put(sector, 492, static_cast<std::uint32_t>(used + 2));  // the first free cluster
  put(sector, 508, std::uint32_t{0xaa550000});
  return sector;
}

struct DosTime {
  std::uint16_t date = 0, time = 0;
};

DosTime dos_time(Epoch epoch) {
  constexpr Epoch kFirst = 315532800;                                       // 1980-01-01T00:00:00Z
  constexpr Epoch kLast = 4354819198;                                       // 2107-12-31T23:59:58Z
  const std::string text = version_time(std::clamp(epoch, kFirst, kLast));  // 20260711T101637Z
  const auto number = [&](std::size_t at, std::size_t size) {
    return static_cast<unsigned>(parse_decimal(std::string_view(text).substr(at, size)).value_or(0));
  };
  return {static_cast<std::uint16_t>(((number(0, 4) - 1980) << 9U) | (number(4, 2) << 5U) | number(6, 2)),
          static_cast<std::uint16_t>((number(9, 2) << 11U) | (number(11, 2) << 5U) | (number(13, 2) / 2))};
}

enum class Kind : std::uint8_t { kFolder = 0x10, kFile = 0x20 };

// One 32-byte entry of a folder; `name` is 11 characters, blank-padded.
void put_entry(std::span<std::byte> to, std::string_view name, Kind kind, std::uint32_t cluster, std::uint32_t size,
               DosTime time) {
  put_text(to, 0, name);
  to[11] = static_cast<std::byte>(kind);
  put(to, 14, time.time);  // created
  put(to, 16, time.date);
  put(to, 18, time.date);  // read
  put(to, 20, static_cast<std::uint16_t>(cluster >> 16U));
  put(to, 22, time.time);  // written
  put(to, 24, time.date);
  put(to, 26, static_cast<std::uint16_t>(cluster & 0xffffU));
  put(to, 28, size);
}

// Clusters: 2 the root, 3 /EFI, 4 /EFI/BOOT, from 5 on the program.
constexpr std::uint32_t kEfi = 3, kBoot = 4, kProgram = 5;

Bytes folders(const Geometry& shape, std::uint32_t program_bytes, DosTime time) {
  Bytes out(3 * shape.cluster_bytes());
  const auto entry = [&](std::uint64_t cluster, std::uint64_t slot) {
    return std::span(out).subspan((cluster - 2) * shape.cluster_bytes() + slot * 32, 32);
  };
  put_entry(entry(2, 0), "EFI        ", Kind::kFolder, kEfi, 0, time);
  put_entry(entry(kEfi, 0), ".          ", Kind::kFolder, kEfi, 0, time);
  put_entry(entry(kEfi, 1), "..         ", Kind::kFolder, 0, 0, time);  // 0 stands for the root
  put_entry(entry(kEfi, 2), "BOOT       ", Kind::kFolder, kBoot, 0, time);
  put_entry(entry(kBoot, 0), ".          ", Kind::kFolder, kBoot, 0, time);
  put_entry(entry(kBoot, 1), "..         ", Kind::kFolder, kEfi, 0, time);
  put_entry(entry(kBoot, 2), "BOOTX64 EFI", Kind::kFile, program_bytes == 0 ? 0 : kProgram, program_bytes, time);
  return out;
}

Bytes allocation_table(const Geometry& shape, std::uint64_t program_clusters) {
  Bytes fat(shape.fat_sectors * kSector);
  put(fat, 0, std::uint32_t{0x0fffff00} | kMediaFixed);
  for (std::size_t cluster = 1; cluster < kProgram; ++cluster) put(fat, 4 * cluster, kEndOfChain);
  for (std::uint64_t i = 0; i < program_clusters; ++i) {
    const auto next = static_cast<std::uint32_t>(kProgram + i + 1);
    put(fat, 4 * (kProgram + i), i + 1 == program_clusters ? kEndOfChain : next);
  }
  return fat;
}

}  // namespace

Result<std::uint64_t> esp_size(std::uint64_t program_bytes) {
  if (program_bytes > kMaxProgram) {
    return fail(ErrorCode::kPackage, "the boot program is " + human_size(program_bytes) + ", larger than 1 GiB");
  }
  return choose_geometry(program_bytes).sectors * kSector;
}

std::uint64_t esp_program_offset(std::uint64_t program_bytes) {
  const Geometry shape = choose_geometry(program_bytes);
  return shape.data_start() + (kProgram - 2) * shape.cluster_bytes();
}

Result<> write_esp(int fd, std::uint64_t offset, std::span<const std::byte> program, const EspOptions& options) {
  const std::uint64_t size = REBURST_TRY(esp_size(program.size()));
  const Geometry shape = choose_geometry(program.size());
  const std::uint64_t program_clusters = blocks_of(program.size(), shape.cluster_bytes());
  const std::uint64_t used = 3 + program_clusters;
  Bytes head(kReserved * kSector);
  for (const std::size_t at : {std::size_t{0}, std::size_t{6}}) {
    put(head, at * kSector, std::span<const std::byte>(boot_sector(shape, options.volume_id)));
    put(head, (at + 1) * kSector, std::span<const std::byte>(info_sector(shape, used)));
  }
  REBURST_TRY(write_at(fd, offset, head, "image"));
  const Bytes fat = allocation_table(shape, program_clusters);
  REBURST_TRY(write_at(fd, offset + head.size(), fat, "image"));
  REBURST_TRY(write_at(fd, offset + head.size() + fat.size(), fat, "image"));
  const std::uint64_t data = offset + shape.data_start();
  const Bytes names = folders(shape, static_cast<std::uint32_t>(program.size()), dos_time(options.epoch));
  REBURST_TRY(write_at(fd, data, names, "image"));
  if (data + names.size() + program.size() > offset + size) return fail(ErrorCode::kInternal, "the ESP is too small");
  return write_at(fd, data + names.size(), program, "image");
}

}  // namespace reburst::image
