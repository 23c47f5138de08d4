#include <sys/mount.h>

#include <cerrno>

#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

struct KernelMount {
  const char* type;
  const char* target;
  unsigned long flags;
  const char* options;
};

// As systemd would mount them; it keeps what it finds mounted.
constexpr std::array kMounts = {
    KernelMount{"devtmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=0755"},
    KernelMount{"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, ""},
    KernelMount{"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, ""},
    KernelMount{"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755,size=20%,nr_inodes=800k"},
};

}  // namespace

Result<> mount_kernel_file_systems() {
  for (const KernelMount& each : kMounts) {
    REBURST_BOOT_TRY(make_folder(each.target, 0755));
    // EBUSY: a kernel with CONFIG_DEVTMPFS_MOUNT has done it.
    if (::mount(each.type, each.target, each.type, each.flags, each.options) != 0 && errno != EBUSY) {
      return fail_system("mounting", each.target, errno);
    }
  }
  return {};
}

}  // namespace reburst::boot
