#include "boot/fresh_volume.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "boot/fd.hpp"

namespace reburst::boot {

namespace {

Result<bool> is_fresh(int folder, std::string_view name) {
  Fd listed(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* entries = listed.valid() ? ::fdopendir(listed.get()) : nullptr;
  if (entries == nullptr) return fail_system("listing the state volume", name, errno);
  (void)listed.release();  // closedir closes it
  bool fresh = true;
  errno = 0;
  while (const dirent* entry = ::readdir(entries)) {
    const std::string_view each(entry->d_name);
    if (each != "." && each != ".." && each != "lost+found") fresh = false;
  }
  const int error = errno;
  ::closedir(entries);
  if (error != 0) return fail_system("listing the state volume", name, error);
  return fresh;
}

}  // namespace

Result<> adopt_if_fresh(int folder, std::string_view name, const struct stat& mount_point) {
  const bool fresh = REBURST_BOOT_TRY(is_fresh(folder, name));
  if (!fresh) return {};
  // Changing the owner drops setgid, so the owner comes first.
  if (::fchown(folder, mount_point.st_uid, mount_point.st_gid) != 0 ||
      ::fchmod(folder, mount_point.st_mode & 07777U) != 0) {
    return fail_system("giving an owner to the state volume", name, errno);
  }
  return {};
}

}  // namespace reburst::boot
