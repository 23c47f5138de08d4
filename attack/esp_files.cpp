#include "attack/esp_files.hpp"

#include <algorithm>
#include <span>

#include "builder/image/bytes.hpp"
#include "core/file.hpp"

namespace reburst::attack {

namespace {

using image::Bytes;
using image::get;
using image::put;

constexpr std::uint64_t kSector = 512, kEntry = 32;
constexpr std::size_t kPerLongEntry = 13;  // characters
constexpr std::uint32_t kBootFolder = 4;   // the cluster of /EFI/BOOT as image::write_esp() lays it out
constexpr std::uint32_t kEnd = 0x0fffffff;
constexpr std::byte kFolder{0x10}, kFile{0x20}, kLongName{0x0f};
constexpr std::string_view kEsp = "the copy's ESP";

struct Volume {
  int fd = -1;
  std::uint64_t start = 0, table_start = 0, table_bytes = 0, data_start = 0, cluster_bytes = 0;
  Bytes table;  // file allocation table

  [[nodiscard]] std::uint64_t place(std::uint32_t cluster) const { return data_start + (cluster - 2) * cluster_bytes; }
};

Result<Volume> open_volume(int fd, std::uint64_t start) {
  Bytes boot(kSector);
  REBURST_TRY(read_at(fd, start, boot, kEsp));
  Volume out{.fd = fd, .start = start, .table = {}};
  out.cluster_bytes = std::to_integer<std::uint64_t>(boot[13]) * kSector;
  out.table_start = start + get<std::uint16_t>(boot, 14) * kSector;
  out.table_bytes = get<std::uint32_t>(boot, 36) * kSector;
  out.data_start = out.table_start + 2 * out.table_bytes;
  out.table.resize(out.table_bytes);
  REBURST_TRY(read_at(fd, out.table_start, out.table, kEsp));
  return out;
}

// Writes `content` into free clusters, which follow each other; the first one.
Result<std::uint32_t> allocate(Volume& volume, std::span<const std::byte> content) {
  const auto wanted = std::max<std::uint64_t>(1, image::blocks_of(content.size(), volume.cluster_bytes));
  const auto clusters = volume.table.size() / 4;
  std::uint64_t run = 0;
  for (std::uint64_t each = 2; each < clusters; ++each) {
    run = get<std::uint32_t>(volume.table, each * 4) == 0 ? run + 1 : 0;
    if (run < wanted) continue;
    const auto first = static_cast<std::uint32_t>(each + 1 - wanted);
    for (auto at = first; at < each; ++at) put(volume.table, std::size_t{at} * 4, at + 1);
    put(volume.table, each * 4, kEnd);
    REBURST_TRY(write_at(volume.fd, volume.place(first), content, kEsp));
    return first;
  }
  return fail(ErrorCode::kMissing, "the ESP has no room for more files");
}

std::byte checksum(std::string_view short_name) {
  unsigned sum = 0;
  for (const char each : short_name)
    sum = (((sum & 1U) << 7U) + (sum >> 1U) + static_cast<unsigned char>(each)) & 0xffU;
  return static_cast<std::byte>(sum);
}

void put_name_part(std::span<std::byte> entry, std::string_view name, std::size_t first) {
  constexpr std::array<std::size_t, kPerLongEntry> kPlaces = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
  for (std::size_t i = 0; i < kPerLongEntry; ++i) {
    const std::size_t at = first + i;
    const unsigned unit = at < name.size() ? static_cast<unsigned char>(name[at]) : at == name.size() ? 0 : 0xffff;
    put(entry, kPlaces[i], static_cast<std::uint16_t>(unit));
  }
}

// A long name's entries, the last part first, and the short entry that they belong to.
Bytes entries(std::string_view name, unsigned number, std::byte kind, std::uint32_t cluster, std::size_t size) {
  const std::string short_name = "ATTACK~" + std::to_string(number) + "   ";
  const std::size_t parts = image::blocks_of(name.size(), kPerLongEntry);
  Bytes out((parts + 1) * kEntry);
  for (std::size_t part = parts; part > 0; --part) {
    const auto entry = std::span(out).subspan((parts - part) * kEntry, kEntry);
    entry[0] = static_cast<std::byte>(part | (part == parts ? 0x40U : 0U));
    entry[11] = kLongName;
    entry[13] = checksum(short_name);
    put_name_part(entry, name, (part - 1) * kPerLongEntry);
  }
  const auto entry = std::span(out).last(kEntry);
  image::put_text(entry, 0, short_name);
  entry[11] = kind;
  put(entry, 20, static_cast<std::uint16_t>(cluster >> 16U));
  put(entry, 26, static_cast<std::uint16_t>(cluster & 0xffffU));
  put(entry, 28, static_cast<std::uint32_t>(size));
  return out;
}

Bytes dot_entry(std::string_view name, std::uint32_t cluster) {
  Bytes out(kEntry);
  image::put_text(out, 0, "           ");
  image::put_text(out, 0, name);
  out[11] = kFolder;
  put(out, 26, static_cast<std::uint16_t>(cluster));
  return out;
}

void join(Bytes& to, const Bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

Result<> add_to_boot_folder(const Volume& volume, const Bytes& more) {
  Bytes folder(volume.cluster_bytes);
  REBURST_TRY(read_at(volume.fd, volume.place(kBootFolder), folder, kEsp));
  std::size_t used = 0;
  while (used < folder.size() && folder[used] != std::byte{0}) used += kEntry;
  if (used + more.size() > folder.size()) return fail(ErrorCode::kMissing, "/EFI/BOOT has no room for more files");
  return write_at(volume.fd, volume.place(kBootFolder) + used, more, kEsp);
}

// A folder's cluster is taken first, since its own entry names it.
Result<Bytes> write_folder(Volume& volume, const EspFolder& folder, unsigned number) {
  const auto cluster = REBURST_TRY(allocate(volume, Bytes(volume.cluster_bytes)));
  Bytes content = dot_entry(".", cluster);
  join(content, dot_entry("..", kBootFolder));
  unsigned next = 1;
  for (const auto& file : folder.files) {
    const auto first = REBURST_TRY(allocate(volume, image::as_bytes(file.content)));
    join(content, entries(file.name, next++, kFile, first, file.content.size()));
  }
  if (content.size() > volume.cluster_bytes)
    return fail(ErrorCode::kMissing, "a folder of the ESP has no room for so many files");
  REBURST_TRY(write_at(volume.fd, volume.place(cluster), content, kEsp));
  return entries(folder.name, number, kFolder, cluster, 0);
}

// How much is free becomes unknown in both copies of the FSInfo sector.
Result<> write_table(const Volume& volume) {
  REBURST_TRY(write_at(volume.fd, volume.table_start, volume.table, kEsp));
  REBURST_TRY(write_at(volume.fd, volume.table_start + volume.table_bytes, volume.table, kEsp));
  const Bytes unknown(8, std::byte{0xff});
  REBURST_TRY(write_at(volume.fd, volume.start + kSector + 488, unknown, kEsp));
  return write_at(volume.fd, volume.start + 7 * kSector + 488, unknown, kEsp);
}

}  // namespace

Result<> add_esp_files(int disk, std::uint64_t esp, const std::vector<EspFolder>& folders) {
  Volume volume = REBURST_TRY(open_volume(disk, esp));
  unsigned number = 1;
  for (const auto& folder : folders)
    REBURST_TRY(add_to_boot_folder(volume, REBURST_TRY(write_folder(volume, folder, number++))));
  return write_table(volume);
}

}  // namespace reburst::attack
