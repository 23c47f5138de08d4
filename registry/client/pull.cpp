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
#include "registry/release/file_list.hpp"
#include "registry/release/layout.hpp"

namespace reburst::client {

namespace {

constexpr std::uint64_t kMaxIndex = 256U << 20U;

std::string target_of(const ChannelRelease& release, const std::string& file) {
  return registry::target_path(release.role, release.channel, release.version, file);
}

bool is_disk(const ReleaseFile& file) {
  return file.name.ends_with(".raw");
}

// What pull made it may replace; what else stands there, nobody asked it to.
Result<> require_free(const fs::path& out) {
  std::error_code ignored;
  if (!fs::exists(out, ignored) || fs::exists(out / kEvidenceName, ignored) || fs::is_empty(out, ignored)) return {};
  return fail(ErrorCode::kUsage, "\"" + out.string() + "\" is there, and no earlier pull made it",
              "name a new folder with --out");
}

Result<> get_files(const Remote& remote, const ChannelRelease& release, cache::Cache& cache, const fs::path& folder,
                   Progress& progress) {
  std::vector<fetch::Item> items;
  for (const auto& file : release.files) {
    if (is_disk(file)) continue;
    const auto stored = registry::stored_path(target_of(release, file.name), file.sha256);
    items.push_back({.name = file.name, .uris = {remote.address(stored)}, .size = file.size, .sha256 = file.sha256});
  }
  const auto blobs = REBURST_TRY(fetch::get_all(items, cache, remote.options().fetch, progress));
  for (std::size_t i = 0; i < items.size(); ++i) REBURST_TRY(clone_file(blobs[i], folder / items[i].name));
  return {};
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

// Images with the boundaries that they were cut at, where their file list lies beside them. The release that stands at
// `out` is a seed by itself.
Result<std::vector<chunks::Seed>> find_seeds(const PullOptions& options) {
  std::vector<fs::path> images = options.seeds;
  std::error_code error;
  for (fs::directory_iterator at(options.out, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".raw") images.push_back(at->path());
  }
  std::vector<chunks::Seed> out;
  for (const auto& image : images) {
    auto list = image;
    list.replace_extension(".files");
    std::error_code ignored;
    out.push_back(
        {image, fs::exists(list, ignored) ? REBURST_TRY(registry::read_boundaries(list)) : chunks::Boundaries()});
  }
  return out;
}

Result<chunks::Assembled> get_disk(const Remote& remote, const ChannelRelease& release, cache::Cache& cache,
                                   const fs::path& folder, const PullOptions& options, Progress& progress) {
  const auto disk = std::find_if(release.files.begin(), release.files.end(), is_disk);
  if (disk == release.files.end()) return fail(ErrorCode::kIntegrity, "the release has no disk among its targets");
  const auto index_name = release.role + "_" + release.version + ".caibx";
  const auto text = REBURST_TRY(read_file(folder / index_name, kMaxIndex));
  if (sha256(text) != release.chunk_index)
    return fail(ErrorCode::kIntegrity, "\"" + index_name + "\" is not the chunk index that the release names");
  const auto index = REBURST_TRY(chunks::parse_index(text, index_name));
  if (index.size != disk->size)
    return fail(ErrorCode::kIntegrity, "\"" + index_name + "\" is the index of an image of another size");
  const auto partial = cache.partial_path(disk->sha256);
  const auto lock = REBURST_TRY(lock_partial(partial));
  const auto source = REBURST_TRY(chunk_source(remote, options.jobs));
  auto assembled =
      REBURST_TRY(chunks::assemble(index, partial, REBURST_TRY(find_seeds(options)), source, options.jobs, progress));
  REBURST_TRY(rename_path(partial, folder / disk->name));
  return assembled;
}

}  // namespace

Result<Pulled> pull(Remote& remote, const Reference& reference, cache::Cache& cache, const PullOptions& options,
                    Progress& progress) {
  REBURST_TRY(require_free(options.out));
  const auto release = REBURST_TRY(remote.find(reference));
  REBURST_TRY(prepare_place(options.out));
  const auto work = REBURST_TRY(cache.make_temp("pull"));
  const auto folder = work.path() / "release";
  REBURST_TRY(make_directories(folder));
  REBURST_TRY(get_files(remote, release, cache, folder, progress));
  const auto assembled = REBURST_TRY(get_disk(remote, release, cache, folder, options, progress));

  const auto& targets = remote.metadata().delegated.at(registry::channel_role(release.role, release.channel));
  const auto keys = REBURST_TRY(statement_keys(targets, release.role, release.channel));
  auto verified = REBURST_TRY(verify_release(release, folder, keys, options.root_hash, options.jobs, progress));
  REBURST_TRY(write_file_atomic(folder / kEvidenceName, to_evidence(remote.metadata(), release)));
  REBURST_TRY(place_folder(folder, options.out));
  REBURST_TRY(remote.remember());
  verified.moved_to(options.out);
  return Pulled{.release = std::move(verified),
                .downloaded = assembled.fetched_compressed,
                .from_seeds = assembled.from_seeds + assembled.from_target};
}

}  // namespace reburst::client
