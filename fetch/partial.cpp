#include "fetch/partial.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/file.hpp"

namespace reburst::fetch {

namespace {

enum class Lock { kHeld, kBusy, kGone, kError };

// The lock counts only while the locked file still has its name: its last holder may have moved it in as a blob
// meanwhile.
Lock try_lock(int fd, const fs::path& path, struct stat& mine) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) return Lock::kGone;
    return errno == EWOULDBLOCK ? Lock::kBusy : Lock::kError;
  }
  struct stat named {};
  if (::fstat(fd, &mine) != 0) return Lock::kError;
  if (::lstat(path.c_str(), &named) != 0) return errno == ENOENT ? Lock::kGone : Lock::kError;
  return mine.st_ino == named.st_ino && mine.st_dev == named.st_dev ? Lock::kHeld : Lock::kGone;
}

}  // namespace

Result<std::optional<Partial>> Partial::open(const fs::path& path) {
  for (;;) {
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file.valid()) return fail(system_error("cannot open \"" + path.string() + "\"", errno));
    struct stat status {};
    // A pipe takes what fits into it, and then whoever writes waits for ever.
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
      return fail(ErrorCode::kIo, "\"" + path.string() + "\" is not a file",
                  "remove it: it stands where a download goes");
    switch (try_lock(file.get(), path, status)) {
      case Lock::kHeld: return Partial(path, std::move(file), static_cast<std::uint64_t>(status.st_size));
      case Lock::kBusy: return std::nullopt;
      case Lock::kGone: continue;
      case Lock::kError: return fail(system_error("cannot lock \"" + path.string() + "\"", errno));
    }
  }
}

Result<> Partial::write(std::uint64_t at, std::span<const std::byte> bytes) {
  if (at == 0 && size_ != 0) REBURST_TRY(restart());
  REBURST_TRY(write_at(file_.get(), at, bytes, path_.string()));
  size_ = at + bytes.size();
  return {};
}

Result<> Partial::restart() {
  if (::ftruncate(file_.get(), 0) != 0) return fail(system_error("cannot empty \"" + path_.string() + "\"", errno));
  size_ = 0;
  return {};
}

Result<> Partial::copy_from(const fs::path& file, std::uint64_t size) {
  size_ = 0;
  REBURST_TRY(clone_file(file, path_));
  size_ = size;
  return {};
}

void Partial::discard() {
  (void)::unlink(path_.c_str());
}

}  // namespace reburst::fetch
