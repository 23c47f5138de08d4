#include "registry/client/files.hpp"

#include <algorithm>
#include <array>

#include "core/file.hpp"
#include "fetch/fetch.hpp"
#include "registry/chunks/image_file.hpp"
#include "registry/release/layout.hpp"

namespace reburst::client {

bool is_description(std::string_view name) {
  constexpr std::array<std::string_view, 5> kSuffixes = {".files", ".spdx.json", ".cdx.json", ".spdx.dsse.json",
                                                         ".cyclonedx.dsse.json"};
  return std::any_of(kSuffixes.begin(), kSuffixes.end(), [&](auto suffix) { return name.ends_with(suffix); });
}

Result<Blobs> fetch_blobs(const Remote& remote, const ChannelRelease& release, const std::string& version,
                          const std::vector<ReleaseFile>& files, cache::Cache& cache, Progress& progress) {
  std::vector<fetch::Item> items;
  Blobs out;
  for (const auto& file : files) {
    const auto target = registry::target_path(release.role, release.channel, version, file.name);
    items.push_back({.name = file.name,
                     .uris = {remote.address(registry::stored_path(target, file.sha256))},
                     .size = file.size,
                     .sha256 = file.sha256});
    if (!REBURST_TRY(fetch::find_cached(items.back(), cache))) out.fetched += file.size;
  }
  out.paths = REBURST_TRY(fetch::get_all(items, cache, remote.options().fetch, progress));
  return out;
}

Result<std::uint64_t> fetch_files(const Remote& remote, const ChannelRelease& release,
                                  const std::vector<ReleaseFile>& files, cache::Cache& cache, const fs::path& folder,
                                  Progress& progress) {
  const auto blobs = REBURST_TRY(fetch_blobs(remote, release, release.version, files, cache, progress));
  for (std::size_t i = 0; i < files.size(); ++i) REBURST_TRY(clone_file(blobs.paths[i], folder / files[i].name));
  return blobs.fetched;
}

Result<bool> take_from_disk(const fs::path& disk, std::uint64_t offset, const ReleaseFile& file,
                            const fs::path& folder) {
  const auto from = REBURST_TRY(chunks::ImageFile::open(disk));
  if (offset > from.size() || file.size > from.size() - offset) return false;
  const auto path = folder / file.name;
  Fd to = REBURST_TRY(open_write(path));
  std::vector<std::byte> block(std::min<std::uint64_t>(file.size, 1U << 20U));
  for (std::uint64_t done = 0; done < file.size;) {
    const auto part = std::span(block).first(std::min<std::uint64_t>(block.size(), file.size - done));
    REBURST_TRY(from.read(offset + done, part));
    REBURST_TRY(write_at(to.get(), done, part, path.string()));
    done += part.size();
  }
  REBURST_TRY(close_checked(std::move(to), path.string()));
  if (REBURST_TRY(sha256_file(path)) == file.sha256) return true;
  REBURST_TRY(remove_tree(path));
  return false;
}

}  // namespace reburst::client
