#include "builder/release_folder.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst {

namespace {

constexpr std::uint64_t kMaxManifest = 64U << 20U;
constexpr std::uint64_t kMaxRecord = 1U << 20U;
constexpr std::string_view kKind = "build";  // build key -> digest of its SHA256SUMS
// That digest and a folder -> stamps() of the folder that was seen to hold it.
constexpr std::string_view kStamps = "stamps";
// A name that nobody else gives a folder: what bears it and is not locked is removed.
constexpr std::string_view kIncoming = ".reburst-incoming";

Result<> exchange(const fs::path& made, const fs::path& target) {
  if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EEXIST) {
    // `made` then names the old folder, which its owner (a temporary folder) removes.
    if (::renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return {};
  }
  return fail(system_error("cannot move the finished build to \"" + target.string() + "\"", errno));
}

std::string time_text(const timespec& time) {
  return std::to_string(time.tv_sec) + "." + std::to_string(time.tv_nsec);
}

// What the file system tells of every file in `folder` (of its target, where it is a link) without reading it. Nobody
// writes to a file, or puts another in its place, without changing its line: the change time (ctime) cannot be set.
// Hashing hundreds of MiB to learn that nothing happened would be the larger part of an unchanged build.
Result<std::string> stamps(const fs::path& folder) {
  std::vector<std::string> lines;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    struct stat status {};
    if (::stat(at->path().c_str(), &status) != 0)
      return fail(system_error("cannot stat \"" + at->path().string() + "\"", errno));
    lines.push_back(std::to_string(status.st_dev) + " " + std::to_string(status.st_ino) + " " +
                    std::to_string(status.st_mode) + " " + std::to_string(status.st_size) + " " +
                    time_text(status.st_mtim) + " " + time_text(status.st_ctim) + " " + at->path().filename().string() +
                    "\n");
  }
  if (error) return fail(system_error("cannot list \"" + folder.string() + "\"", error.value()));
  std::sort(lines.begin(), lines.end());
  return join(lines, "");
}

Digest stamps_key(const fs::path& folder, const Digest& sums) {
  return sha256(sums.hex() + "\n" + fs::absolute(folder).lexically_normal().string());
}

Result<> remember(const fs::path& folder, const Digest& key, const Digest& sums, const std::string& seen,
                  cache::Cache& cache) {
  REBURST_TRY(cache.write_derived(kKind, key, sums.hex() + "\n"));
  return cache.write_derived(kStamps, stamps_key(folder, sums), seen);
}

// A copy on its way into `parent`. Its lock tells a folder whose process was killed from one in use; the lock of
// `parent` covers the moment between making one and locking it.
struct Incoming {
  TempDirectory folder;
  Fd lock;
};

Result<Fd> lock_folder(const fs::path& folder, int operation) {
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::flock(fd.get(), operation) != 0)
    return fail(system_error("cannot lock \"" + folder.string() + "\"", errno));
  return fd;
}

void sweep_locked(const fs::path& parent) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    const bool ours =
        at->path().filename().string().starts_with(kIncoming) && at->is_directory(error) && !at->is_symlink(error);
    if (ours) found.push_back(at->path());
  }
  for (const auto& path : found) {
    if (lock_folder(path, LOCK_EX | LOCK_NB)) (void)remove_tree(path);  // what cannot be removed is found again
  }
}

Result<Incoming> make_incoming(const fs::path& parent) {
  const Fd gate = REBURST_TRY(lock_folder(parent, LOCK_EX));
  sweep_locked(parent);
  auto folder = REBURST_TRY(TempDirectory::make(parent, kIncoming));
  auto lock = REBURST_TRY(lock_folder(folder.path(), LOCK_EX));
  return Incoming{std::move(folder), std::move(lock)};
}

Result<bool> same_file_system(const fs::path& a, const fs::path& b) {
  struct stat first {};
  struct stat second {};
  if (::stat(a.c_str(), &first) != 0) return fail(system_error("cannot stat \"" + a.string() + "\"", errno));
  if (::stat(b.c_str(), &second) != 0) return fail(system_error("cannot stat \"" + b.string() + "\"", errno));
  return first.st_dev == second.st_dev;
}

}  // namespace

Result<> place_folder(const fs::path& made, const fs::path& target) {
  const fs::path parent = target.parent_path();
  REBURST_TRY(make_directories(parent));
  if (REBURST_TRY(same_file_system(made, parent))) {
    REBURST_TRY(exchange(made, target));
    return sync_directory(parent);
  }
  const Incoming beside = REBURST_TRY(make_incoming(parent));
  const fs::path copy = beside.folder.path() / "release";
  REBURST_TRY(make_directories(copy));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(made, error)) {
    REBURST_TRY(clone_file(entry.path(), copy / entry.path().filename()));
  }
  if (error) return fail(system_error("cannot list \"" + made.string() + "\"", error.value()));
  REBURST_TRY(exchange(copy, target));
  return sync_directory(parent);
}

Result<> prepare_place(const fs::path& target) {
  const fs::path parent = target.parent_path();
  const auto probe = [&]() -> Result<> {
    REBURST_TRY(make_directories(parent));
    REBURST_TRY(make_incoming(parent));
    return {};
  };
  auto done = probe();
  if (!done && done.error().hint.empty()) done.error().hint = "name another folder with --out";
  return done;
}

void sweep_places(const fs::path& out) {
  std::error_code error;
  for (fs::directory_iterator at(out, error), end; !error && at != end; at.increment(error)) {
    if (const auto gate = lock_folder(at->path(), LOCK_EX | LOCK_NB)) sweep_locked(at->path());
  }
}

Result<> remember_build(const fs::path& folder, const Digest& key, cache::Cache& cache) {
  // Stamps first: what changes while the sums are read is not what the record speaks of, and is hashed next time.
  const auto seen = REBURST_TRY(stamps(folder));
  const Digest sums = REBURST_TRY(sha256_file(folder / describe::kSumsName));
  return remember(folder, key, sums, seen, cache);
}

Result<std::optional<describe::Manifest>> find_unchanged(const fs::path& folder, const Digest& key, cache::Cache& cache,
                                                         std::size_t jobs) {
  const auto record = REBURST_TRY(cache.read_derived(kKind, key, 128));
  std::error_code ignored;
  if (!record || !fs::is_directory(folder, ignored)) return std::nullopt;
  const auto sums = Digest::parse(trim(*record));
  if (!sums) return std::nullopt;
  const auto seen = REBURST_TRY(stamps(folder));
  const auto recorded = REBURST_TRY(cache.read_derived(kStamps, stamps_key(folder, *sums), kMaxRecord));
  if (recorded != seen) {
    if (!REBURST_TRY(describe::matches(folder, *sums, jobs))) return std::nullopt;
    REBURST_TRY(remember(folder, key, *sums, seen, cache));
  }
  const auto path = folder / describe::kManifestName;
  return REBURST_TRY(describe::parse(REBURST_TRY(read_file(path, kMaxManifest)), path.string()));
}

}  // namespace reburst
