#include "registry/repository/inside.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "core/file.hpp"
#include "registry/chunks/image_file.hpp"

namespace reburst::registry {

namespace {

using chunks::ImageFile;

// A partition, a FAT cluster and a section of a UKI all begin at a sector.
constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kBlock = 4U << 20U;
// What is smaller costs less to fetch than to name.
constexpr std::uint64_t kWorthwhile = 1U << 20U;

struct Candidate {
  std::string name;
  ImageFile file;
  std::array<std::byte, kSector> head{};
};

Result<std::vector<Candidate>> candidates(const Release& release, const fs::path& folder) {
  std::vector<Candidate> out;
  for (const auto& file : release.files) {
    const bool boots = file.kind == "uki" || file.kind == "kernel" || file.kind == "initrd";
    if (!boots || file.size < kWorthwhile) continue;
    out.push_back({file.name, REBURST_TRY(ImageFile::open(folder / file.name))});
    REBURST_TRY(out.back().file.read(0, out.back().head));
  }
  return out;
}

Result<bool> holds(const ImageFile& disk, std::uint64_t at, const ImageFile& file) {
  if (file.size() > disk.size() - at) return false;
  std::vector<std::byte> here(1U << 20U), there(here.size());
  for (std::uint64_t done = 0; done < file.size();) {
    const auto size = std::min<std::uint64_t>(here.size(), file.size() - done);
    REBURST_TRY(disk.read(at + done, std::span(here).first(size)));
    REBURST_TRY(file.read(done, std::span(there).first(size)));
    if (std::memcmp(here.data(), there.data(), size) != 0) return false;
    done += size;
  }
  return true;
}

}  // namespace

Result<std::map<std::string, std::uint64_t>> find_inside(const Release& release, const fs::path& folder) {
  std::map<std::string, std::uint64_t> out;
  const auto* disk_file = find_kind(release, "disk");
  const auto wanted = REBURST_TRY(candidates(release, folder));
  if (disk_file == nullptr || wanted.empty()) return out;
  const auto disk = REBURST_TRY(ImageFile::open(folder / disk_file->name));
  std::vector<std::byte> block(kBlock);
  for (std::uint64_t at = 0; at < disk.size() && out.size() < wanted.size(); at += kBlock) {
    const auto size = std::min(kBlock, disk.size() - at);
    REBURST_TRY(disk.read(at, std::span(block).first(size)));
    for (std::uint64_t offset = 0; offset + kSector <= size; offset += kSector) {
      for (const auto& one : wanted) {
        if (std::memcmp(block.data() + offset, one.head.data(), kSector) != 0 || out.contains(one.name)) continue;
        if (REBURST_TRY(holds(disk, at + offset, one.file))) out[one.name] = at + offset;
      }
    }
  }
  return out;
}

}  // namespace reburst::registry
