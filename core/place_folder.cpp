#include "core/place_folder.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/handle.hpp"

namespace reburst {

namespace {

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

// "pulled" and "pulled/" are the same place, and it is in ".".
fs::path parent_of(const fs::path& target) {
  const auto parent = (target.has_filename() ? target : target.parent_path()).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

// `folder` and those above it that are not there, the deepest first.
std::vector<fs::path> missing_folders(fs::path folder) {
  std::vector<fs::path> missing;
  std::error_code error;
  if (!folder.has_filename()) folder = folder.parent_path();
  for (; !folder.empty() && !fs::exists(fs::symlink_status(folder, error)); folder = folder.parent_path())
    missing.push_back(folder);
  return missing;
}

// rmdir(2) takes none that holds something.
void remove_empty(const std::vector<fs::path>& deepest_first) {
  for (const auto& folder : deepest_first) {
    if (::rmdir(folder.c_str()) != 0) return;
  }
}

std::set<fs::path> entries_of(const fs::path& folder) {
  std::set<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) out.insert(at->path());
  return out;
}

}  // namespace

Result<> place_folder(const fs::path& made, const fs::path& target) {
  const fs::path parent = parent_of(target);
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

MadeFolders::~MadeFolders() {
  remove_empty(made_);
}

Result<MadeFolders> prepare_place(const fs::path& target) {
  const fs::path parent = parent_of(target);
  const auto probe = [&]() -> Result<MadeFolders> {
    MadeFolders made(missing_folders(parent));
    REBURST_TRY(make_directories(parent));
    REBURST_TRY(make_incoming(parent));
    return made;
  };
  auto done = probe();
  if (!done && done.error().hint.empty()) done.error().hint = "name another folder with --out";
  return done;
}

Before::Before(fs::path out) : out_(std::move(out)), missing_(missing_folders(out_)), present_(entries_of(out_)) {}

void Before::sweep() const {
  for (const auto& path : entries_of(out_)) {
    if (const auto gate = lock_folder(path, LOCK_EX | LOCK_NB)) sweep_locked(path);
    if (!present_.contains(path)) remove_empty({path});
  }
  remove_empty(missing_);
}

}  // namespace reburst
