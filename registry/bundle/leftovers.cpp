#include "registry/bundle/leftovers.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace reburst::bundle {

namespace {

constexpr int kTries = 64;  // a sweep may take what is not locked yet

bool is_at(const Fd& fd, const fs::path& path) {
  struct stat held {
  }, named{};
  return ::fstat(fd.get(), &held) == 0 && ::lstat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

bool lock(const Fd& fd, const fs::path& path) {
  return fd.valid() && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && is_at(fd, path);
}

}  // namespace

std::string leftover_prefix(const fs::path& file) {
  return "." + file.filename().string() + ".reburst-";
}

void sweep_leftovers(const fs::path& folder, const std::string& prefix) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(prefix)) found.push_back(at->path());
  }
  for (const auto& path : found) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (lock(fd, path)) (void)remove_tree(path);  // what cannot be removed is found again
  }
}

Result<Fd> make_locked_file(fs::path& path, const std::string& prefix) {
  const fs::path folder = path;
  for (int i = 0; i < kTries; ++i) {
    path = folder / (prefix + std::to_string(::getpid()) + "-" + std::to_string(i));
    Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!fd.valid() && errno != EEXIST) break;
    if (lock(fd, path)) return fd;
  }
  return fail(system_error("cannot create a file in \"" + folder.string() + "\"", errno));
}

Result<LockedDirectory> make_locked_directory(const fs::path& parent, const std::string& prefix) {
  for (int i = 0; i < kTries; ++i) {
    auto folder = REBURST_TRY(TempDirectory::make(parent, prefix));
    Fd fd(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (lock(fd, folder.path())) return LockedDirectory{std::move(fd), std::move(folder)};
  }
  return fail(ErrorCode::kEnvironment, "cannot keep a folder in \"" + parent.string() + "\"");
}

}  // namespace reburst::bundle
