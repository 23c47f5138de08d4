#include <array>
#include <optional>

#include "builder/image/bytes.hpp"
#include "builder/image/fat.hpp"
#include "core/file.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kMaxProgram = 1U << 30U;
constexpr std::uint64_t kMaxFolder = 1U << 21U;  // 65536 entries, what FAT knows (1.03, "FAT Directory Structure")
constexpr std::uint32_t kClusterMask = 0x0fffffff;
constexpr unsigned kFolder = 0x10, kVolume = 0x08;

tl::unexpected<Error> malformed(const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot read the EFI system partition: " + why);
}

struct Entry {
  std::uint32_t cluster = 0, size = 0;
};

class FatReader {
 public:
  FatReader(int fd, std::uint64_t start, std::uint64_t size) : fd_(fd), start_(start), size_(size) {}

  Result<std::string> read_program() {
    REBURST_TRY(read_header());
    std::uint32_t folder = root_;
    for (const std::string_view name : {"EFI        ", "BOOT       "})
      folder = REBURST_TRY(find(folder, name, kFolder)).cluster;
    const auto file = REBURST_TRY(find(folder, "BOOTX64 EFI", 0));
    if (file.size > kMaxProgram) return malformed("its boot program is larger than 1 GiB");
    auto content = REBURST_TRY(read_chain(file.cluster, file.size));
    if (content.size() < file.size) return malformed("its boot program is cut short");
    content.resize(file.size);
    return std::string(reinterpret_cast<const char*>(content.data()), content.size());
  }

 private:
  Result<> read_header() {
    Bytes sector(512);
    if (size_ < sector.size()) return malformed("it has no room for a file system");
    REBURST_TRY(read_at(fd_, start_, sector, "disk"));
    const auto sector_size = get<std::uint16_t>(sector, 11);
    const auto reserved = std::uint64_t{get<std::uint16_t>(sector, 14)} * sector_size;
    const auto fats = std::to_integer<std::uint64_t>(sector[16]);
    fat_size_ = std::uint64_t{get<std::uint32_t>(sector, 36)} * sector_size;
    cluster_ = std::to_integer<std::uint64_t>(sector[13]) * sector_size;
    root_ = get<std::uint32_t>(sector, 44);
    fat_ = reserved;
    data_ = reserved + fats * fat_size_;
    const bool sane = get<std::uint16_t>(sector, 510) == 0xaa55 && sector_size == 512 && cluster_ != 0 && fats != 0 &&
                      get<std::uint16_t>(sector, 22) == 0 && reserved != 0 && fat_size_ != 0 && data_ < size_;
    if (!sane) return malformed("it holds no FAT32 file system");
    return {};
  }

  // The content of the clusters from `cluster` on, until `most` bytes are there or the chain ends.
  Result<Bytes> read_chain(std::uint32_t cluster, std::uint64_t most) {
    Bytes out;
    while (out.size() < most && cluster >= 2 && cluster < 0x0ffffff7) {
      const auto at = data_ + (cluster - 2) * cluster_;
      if (at + cluster_ > size_ || std::uint64_t{cluster} * 4 + 4 > fat_size_)
        return malformed("a chain of clusters leaves it");
      const auto from = out.size();
      out.resize(from + cluster_);
      REBURST_TRY(read_at(fd_, start_ + at, std::span(out).subspan(from), "disk"));
      cluster = REBURST_TRY(next(cluster));
    }
    return out;
  }

  Result<std::uint32_t> next(std::uint32_t cluster) {
    constexpr std::uint32_t kPerSector = 128;
    if (loaded_ != cluster / kPerSector) {
      REBURST_TRY(read_at(fd_, start_ + fat_ + std::uint64_t{cluster / kPerSector} * 512, table_, "disk"));
      loaded_ = cluster / kPerSector;
    }
    return get<std::uint32_t>(table_, std::size_t{cluster % kPerSector} * 4) & kClusterMask;
  }

  Result<Entry> find(std::uint32_t folder, std::string_view name, unsigned kind) {
    const auto entries = REBURST_TRY(read_chain(folder, kMaxFolder));
    for (std::size_t at = 0; at + 32 <= entries.size(); at += 32) {
      const auto entry = std::span<const std::byte>(entries).subspan(at, 32);
      if (entry[0] == std::byte{0}) break;
      const auto attributes = std::to_integer<unsigned>(entry[11]);
      if ((attributes & kVolume) != 0 || (attributes & kFolder) != kind) continue;  // long names are volumes too
      if (std::ranges::equal(entry.first(11), as_bytes(name)))
        return Entry{std::uint32_t{get<std::uint16_t>(entry, 20)} << 16U | get<std::uint16_t>(entry, 26),
                     get<std::uint32_t>(entry, 28)};
    }
    return malformed("it has no \\EFI\\BOOT\\BOOTX64.EFI");
  }

  int fd_;
  std::uint64_t start_, size_;
  std::uint64_t fat_ = 0, fat_size_ = 0, data_ = 0, cluster_ = 0;
  std::uint32_t root_ = 0;
  Bytes table_ = Bytes(512);
  std::optional<std::uint32_t> loaded_;
};

}  // namespace

Result<std::string> read_boot_program(int fd, std::uint64_t offset, std::uint64_t size) {
  return FatReader(fd, offset, size).read_program();
}

}  // namespace reburst::image
