#include "registry/bundle/workplace.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "core/file.hpp"

namespace reburst::bundle {

namespace {

// A link is followed: what it names is replaced, not the link.
Result<fs::path> plain_path(const fs::path& registry) {
  std::error_code error;
  auto path = fs::weakly_canonical(fs::absolute(registry), error);
  if (error) return fail(system_error("cannot find \"" + registry.string() + "\"", error.value()));
  if (!path.has_filename()) path = path.parent_path();
  return path;
}

bool is_same(int fd, const fs::path& path) {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

// Nothing when the folder went away between opening and locking it: another import has ended.
Result<std::optional<Fd>> try_lock(const fs::path& path, const fs::path& target) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(system_error("cannot create the folder \"" + path.string() + "\"", errno));
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid() && errno == ENOENT) return std::optional<Fd>();
  if (!fd.valid()) return fail(system_error("cannot open \"" + path.string() + "\"", errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kUsage, "somebody else is importing into \"" + target.string() + "\"",
                "try again when that has ended");
  }
  if (!is_same(fd.get(), path)) return std::optional<Fd>();
  return std::optional(std::move(fd));
}

}  // namespace

Result<Workplace> Workplace::open(const fs::path& registry) {
  const auto target = REBURST_TRY(plain_path(registry));
  const auto parent = target.parent_path();
  REBURST_TRY(make_directories(parent));
  const fs::path path = parent / ("." + target.filename().string() + ".importing");
  for (;;) {
    auto lock = REBURST_TRY(try_lock(path, target));
    if (!lock) continue;
    Workplace out(target, path, *std::move(lock));
    for (const auto& part : {out.made(), out.scratch()}) {
      REBURST_TRY(remove_tree(part));
      REBURST_TRY(make_directories(part));
    }
    return out;
  }
}

Workplace::Workplace(Workplace&& other) noexcept
    : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

Workplace::~Workplace() {
  // What cannot be removed now is removed by the next import.
  if (!path_.empty()) (void)remove_tree(path_);
}

Result<> Workplace::place() const {
  const auto parent = target_.parent_path();
  const auto failed = [&](int number) {
    return fail(system_error("cannot move the imported registry to \"" + target_.string() + "\"", number));
  };
  if (::syncfs(lock_.get()) != 0) return failed(errno);
  if (::renameat2(AT_FDCWD, made().c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) != 0) {
    // made() then is the old registry, which goes with the workplace.
    if (errno != EEXIST || ::renameat2(AT_FDCWD, made().c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) != 0)
      return failed(errno);
  }
  return sync_directory(parent);
}

}  // namespace reburst::bundle
