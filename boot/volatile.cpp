#include <sys/mount.h>

#include <cerrno>

#include "boot/copy_tree.hpp"
#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV;

Result<> mount_tmpfs(const char* target, const char* options) {
  if (::mount("tmpfs", target, "tmpfs", kFlags, options) != 0) return fail_system("mounting a tmpfs at", target, errno);
  return {};
}

}  // namespace

Result<> mount_volatile() {
  REBURST_BOOT_TRY(make_folder("/var", 0755));
  REBURST_BOOT_TRY(mount_tmpfs("/var", "mode=0755,size=50%,nr_inodes=1m"));
  REBURST_BOOT_TRY(copy_tree("/sysroot/var", "/var"));
  if (::mount("/var", "/sysroot/var", nullptr, MS_MOVE, nullptr) != 0) return fail_system("moving", "/var", errno);
  return mount_tmpfs("/sysroot/tmp", "mode=1777,size=50%,nr_inodes=1m");
}

}  // namespace reburst::boot
