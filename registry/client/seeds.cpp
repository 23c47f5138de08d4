#include "registry/client/seeds.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "registry/client/files.hpp"
#include "registry/release/layout.hpp"

namespace reburst::client {

namespace {

std::string index_name(const ChannelRelease& release) {
  return registry::file_name(release.role, release.version, ".caibx");
}

class Finder {
 public:
  Finder(const Remote& remote, const ChannelRelease& release, cache::Cache& cache, Progress& progress)
      : remote_(remote), release_(release), cache_(cache), progress_(progress) {}

  Result<Seeds> run(const std::vector<fs::path>& disks, const DiskName& disk_name) {
    releases_ = REBURST_TRY(remote_.releases(release_.role, release_.channel));
    for (const auto& disk : disks) {
      chunks::Seed seed{.image = disk};
      auto text = beside(disk);
      const auto* older = text ? by_index(sha256(*text)) : by_name(disk_name(disk));
      if (!text && older != nullptr) text = REBURST_TRY(fetch_index(*older));
      if (text) seed.index = parse(*text, disk);
      out_.images.push_back(std::move(seed));
      if (older != nullptr) REBURST_TRY(fetch_delta(older->version));
    }
    return std::move(out_);
  }

 private:
  // The index that pull left beside a disk.
  static std::optional<std::string> beside(const fs::path& disk) {
    auto text = read_regular_file(fs::path(disk).replace_extension(".caibx"), chunks::kMaxIndexBytes);
    return text ? std::optional(*std::move(text)) : std::nullopt;
  }

  // A damaged index is as good as none.
  static std::optional<chunks::Index> parse(const std::string& text, const fs::path& disk) {
    auto index = chunks::parse_index(text, disk.string());
    return index ? std::optional(*std::move(index)) : std::nullopt;
  }

  [[nodiscard]] const ChannelRelease* by_index(const Digest& digest) const {
    const auto found =
        std::find_if(releases_.begin(), releases_.end(), [&](const auto& one) { return one.chunk_index == digest; });
    return found == releases_.end() ? nullptr : &*found;
  }

  [[nodiscard]] const ChannelRelease* by_name(const std::string& name) const {
    const auto found = std::find_if(releases_.begin(), releases_.end(), [&](const auto& one) {
      return registry::file_name(one.role, one.version, "") == name;
    });
    return found == releases_.end() ? nullptr : &*found;
  }

  Result<fs::path> fetch(const std::string& version, const ReleaseFile& file) {
    auto blobs = REBURST_TRY(fetch_blobs(remote_, release_, version, {file}, cache_, progress_));
    out_.fetched += blobs.fetched;
    return std::move(blobs.paths.front());
  }

  Result<std::optional<std::string>> fetch_index(const ChannelRelease& older) {
    const auto file = std::find_if(older.files.begin(), older.files.end(),
                                   [&](const auto& one) { return one.name == index_name(older); });
    if (file == older.files.end() || file->size > chunks::kMaxIndexBytes) return std::nullopt;
    return REBURST_TRY(read_file(REBURST_TRY(fetch(older.version, *file)), chunks::kMaxIndexBytes));
  }

  Result<> fetch_delta(const std::string& from) {
    const auto delta =
        std::find_if(release_.deltas.begin(), release_.deltas.end(), [&](const auto& one) { return one.from == from; });
    if (delta == release_.deltas.end()) return {};
    const auto path = REBURST_TRY(fetch(release_.version, delta->file));
    if (std::find(out_.deltas.begin(), out_.deltas.end(), path) == out_.deltas.end()) out_.deltas.push_back(path);
    return {};
  }

  const Remote& remote_;
  const ChannelRelease& release_;
  cache::Cache& cache_;
  Progress& progress_;
  std::vector<ChannelRelease> releases_;
  Seeds out_;
};

}  // namespace

Result<Seeds> find_seeds(const Remote& remote, const ChannelRelease& release, const std::vector<fs::path>& disks,
                         const DiskName& disk_name, cache::Cache& cache, Progress& progress) {
  return Finder(remote, release, cache, progress).run(disks, disk_name);
}

}  // namespace reburst::client
