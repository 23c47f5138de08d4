#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

// Reads of the first blocks go through the hash tree: a wrong root hash shows here.
Result<> mount_root() {
  REBURST_BOOT_TRY(make_folder(kNewRoot, 0755));
  if (::mount(kRootDevice, kNewRoot, "erofs", MS_RDONLY | MS_NODEV, "") != 0) {
    return fail_system("mounting the verified root", kRootDevice, errno,
                       "the disk does not hold what this release signed: write the disk image again");
  }
  return {};
}

Result<> mount_state(const BootConf& conf, const Partitions& partitions) {
  const Fd root(::open(kNewRoot, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return fail_system("opening", kNewRoot, errno);
  for (std::size_t i = 0; i < conf.state_count; ++i) {
    const StateMount& state = conf.state[i];
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT;  // links of the image stay in the image
    const Fd target(static_cast<int>(::syscall(SYS_openat2, root.get(), state.mount.c_str(), &how, sizeof how)));
    if (!target.valid()) {
      return fail_system("finding the mount point", state.mount, errno,
                         "the image must hold the folder: add it to the recipe's files");
    }
    Path place("/proc/self/fd/");
    place.add_number(static_cast<unsigned>(target.get()));
    if (::mount(partitions.state[i].device.c_str(), place.c_str(), "ext4", MS_NOSUID | MS_NODEV, "") != 0) {
      return fail_system("mounting the state volume", state.volume, errno,
                         "the partition must hold an ext4 file system: mkfs.ext4, or repair it with fsck.ext4");
    }
  }
  return {};
}

}  // namespace reburst::boot
