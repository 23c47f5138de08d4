#include "registry/client/pull.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/file.hpp"
#include "core/place_folder.hpp"
#include "fetch/uri.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/client/evidence.hpp"
#include "registry/client/fetch_chunks.hpp"
#include "registry/client/files.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"

namespace reburst::client {

namespace {

bool is_disk(const ReleaseFile& file) {
  return file.name.ends_with(".raw");
}

// "web_20261121T161027Z.raw"
bool is_release_file(std::string_view name, const std::string& role) {
  if (!name.starts_with(role + "_")) return false;
  const auto rest = name.substr(role.size() + 1);
  return registry::is_version(rest.substr(0, rest.find('.'))) && rest.find('.') != std::string_view::npos;
}

// A file that a pull of this role leaves.
bool is_ours(const std::string& name, const std::string& role) {
  return name == kEvidenceName || name == registry::kManifestName || name == registry::kSumsName ||
         name == role + ".lock" || is_release_file(name, role);
}

// What pull made it may replace; what else stands there, nobody asked it to.
Result<> require_free(const fs::path& out, const std::string& role) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kUsage, "cannot pull into \"" + out.string() + "\": " + why, "name a new folder with --out");
  };
  const auto name = out.filename();
  if (name.empty() || name == "." || name == "..") return refuse("it has no name of its own");
  std::error_code error;
  const auto status = fs::symlink_status(out, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (status.type() != fs::file_type::directory) return refuse("it is there, and is no folder");
  if (fs::is_empty(out, error)) return {};
  if (!fs::exists(out / kEvidenceName, error)) return refuse("it is there, and no earlier pull made it");
  for (const auto& entry : fs::directory_iterator(out, error)) {
    const auto file = entry.path().filename().string();
    if (!is_ours(file, role)) return refuse("\"" + file + "\" is there, which no pull of \"" + role + "\" made");
  }
  return {};
}

// A pipe would be waited for, and a character device has no end.
Result<> require_seeds(const std::vector<fs::path>& seeds) {
  for (const auto& seed : seeds) {
    std::error_code error;
    const auto type = fs::status(seed, error).type();
    if (type == fs::file_type::regular || type == fs::file_type::block) continue;
    if (type == fs::file_type::not_found)
      return fail(ErrorCode::kMissing, "the seed \"" + seed.string() + "\" is not there");
    return fail(ErrorCode::kUsage, "\"" + seed.string() + "\" is no seed: it is neither a file nor a disk",
                "name an older disk image, or the block device that it was written to");
  }
  return {};
}

// What is fetched as it is; the others come out of the disk.
std::vector<ReleaseFile> files_to_fetch(const ChannelRelease& release, bool everything) {
  std::vector<ReleaseFile> out;
  for (const auto& file : release.files) {
    if (is_disk(file) || release.inside.contains(file.name)) continue;
    if (everything || !is_description(file.name)) out.push_back(file);
  }
  return out;
}

// The files that lie inside the disk; fetched after all where other bytes are there.
Result<std::uint64_t> take_files(const Remote& remote, const ChannelRelease& release, cache::Cache& cache,
                                 const fs::path& disk, const fs::path& folder, Progress& progress) {
  std::vector<ReleaseFile> missing;
  for (const auto& file : release.files) {
    const auto place = release.inside.find(file.name);
    if (place == release.inside.end() || is_disk(file)) continue;
    if (!REBURST_TRY(take_from_disk(disk, place->second, file, folder))) missing.push_back(file);
  }
  return fetch_files(remote, release, missing, cache, folder, progress);
}

// Held while the disk grows there: two pulls of one release do not write into each other.
Result<Fd> lock_partial(const fs::path& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX) != 0)
    return fail(system_error("cannot lock \"" + path.string() + "\"", errno));
  return fd;
}

Result<chunks::Fetch> chunk_source(const Remote& remote, std::size_t jobs) {
  const auto store = remote.address("chunks");
  const auto uri = REBURST_TRY(fetch::parse_uri(store));
  if (uri.scheme == "file") return chunks::from_folder(fetch::file_path(uri), jobs);
  return fetch_chunks(store, remote.options().fetch, jobs);
}

// The release that stands at `out` is a seed by itself.
std::vector<fs::path> seed_disks(const PullOptions& options) {
  std::vector<fs::path> out = options.seeds;
  std::error_code error;
  for (fs::directory_iterator at(options.out, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() == ".raw" && at->is_regular_file(ignored)) out.push_back(at->path());
  }
  return out;
}

struct Disk {
  fs::path path;
  chunks::Assembled assembled;
  std::uint64_t downloaded = 0;
};

Result<Disk> get_disk(const Remote& remote, const ChannelRelease& release, cache::Cache& cache, const fs::path& folder,
                      const PullOptions& options, Progress& progress) {
  const auto disk = std::find_if(release.files.begin(), release.files.end(), is_disk);
  if (disk == release.files.end()) return fail(ErrorCode::kIntegrity, "the release has no disk among its targets");
  const auto index_name = registry::file_name(release.role, release.version, ".caibx");
  const auto text = REBURST_TRY(read_file(folder / index_name, chunks::kMaxIndexBytes));
  if (sha256(text) != release.chunk_index)
    return fail(ErrorCode::kIntegrity, "\"" + index_name + "\" is not the chunk index that the release names");
  const auto index = REBURST_TRY(chunks::parse_index(text, index_name));
  if (index.size != disk->size)
    return fail(ErrorCode::kIntegrity, "\"" + index_name + "\" is the index of an image of another size");
  const auto seeds = REBURST_TRY(find_seeds(remote, release, seed_disks(options), options.disk_name, cache, progress));
  const auto partial = cache.partial_path(disk->sha256);
  const auto lock = REBURST_TRY(lock_partial(partial));
  const auto source = REBURST_TRY(chunk_source(remote, options.jobs));
  const auto assembled =
      REBURST_TRY(chunks::assemble(index, partial, seeds.images, seeds.deltas, source, options.jobs, progress));
  REBURST_TRY(rename_path(partial, folder / disk->name));
  return Disk{.path = folder / disk->name,
              .assembled = assembled,
              .downloaded = text.size() + seeds.fetched + assembled.fetched_compressed};
}

}  // namespace

Result<Pulled> pull(Remote& remote, const Reference& reference, cache::Cache& cache, const PullOptions& options,
                    Progress& progress) {
  REBURST_TRY(require_free(options.out, reference.role));
  REBURST_TRY(require_seeds(options.seeds));
  const auto release = REBURST_TRY(remote.find(reference));
  if (!reference.channel.empty()) REBURST_TRY(remote.require_epoch(release));
  const auto made_folders = REBURST_TRY(prepare_place(options.out));
  const auto work = REBURST_TRY(cache.make_temp("pull"));
  const auto folder = work.path() / "release";
  REBURST_TRY(make_directories(folder));
  auto others =
      REBURST_TRY(fetch_files(remote, release, files_to_fetch(release, options.everything), cache, folder, progress));
  const auto disk = REBURST_TRY(get_disk(remote, release, cache, folder, options, progress));
  others += REBURST_TRY(take_files(remote, release, cache, disk.path, folder, progress));

  const auto& targets = remote.metadata().delegated.at(registry::channel_role(release.role, release.channel));
  const auto keys = REBURST_TRY(statement_keys(targets, release.role, release.channel));
  auto verified = REBURST_TRY(verify_release(release, folder, keys, options.root_hash, options.jobs, progress));
  REBURST_TRY(
      write_file_atomic(folder / kEvidenceName, to_evidence(remote.metadata(), REBURST_TRY(remote.roots()), release)));
  // Before the release is placed: one that stands at `out` while the state forgot it could be followed by an older one.
  // A remembered state without the release costs nothing, the next pull brings it.
  REBURST_TRY(remote.remember(reference, release, [&] { return place_folder(folder, options.out); }));
  verified.moved_to(options.out);
  const auto& assembled = disk.assembled;
  return Pulled{.release = std::move(verified),
                .downloaded = others + disk.downloaded,
                .for_disk = disk.downloaded,
                .from_seeds = assembled.from_seeds + assembled.from_target + assembled.from_delta};
}

}  // namespace reburst::client
