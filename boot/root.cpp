#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "boot/files.hpp"
#include "boot/fresh_volume.hpp"
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

namespace {

// A folder below kNewRoot, by a path of the image.
Fd open_in_root(int root, const Path& path, std::uint64_t flags) {
  open_how how{};
  how.flags = flags | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;  // links of the image stay in the image
  int fd = -1;
  do {  // EAGAIN: a rename elsewhere while ".." of a link was followed
    fd = static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
  } while (fd < 0 && (errno == EAGAIN || errno == EINTR));
  return Fd(fd);
}

Result<> mount_volume(int root, const StateMount& state, const Partition& partition) {
  const Fd target = open_in_root(root, state.mount, O_PATH);
  if (!target.valid()) {
    return fail_system("finding the mount point", state.mount, errno,
                       "the image must hold the folder: build it again with this version of reburst");
  }
  struct stat mount_point {};
  if (::fstat(target.get(), &mount_point) != 0) return fail_system("looking at", state.mount, errno);
  Path place("/proc/self/fd/");
  place.add_number(static_cast<unsigned>(target.get()));
  if (::mount(partition.device.c_str(), place.c_str(), "ext4", MS_NOSUID | MS_NODEV, "") != 0) {
    return fail_system("mounting the state volume", state.volume, errno,
                       "the partition must hold an ext4 file system: mkfs.ext4, or repair it with fsck.ext4");
  }
  const Fd volume = open_in_root(root, state.mount, O_RDONLY);  // the same path now leads to the volume
  if (!volume.valid()) return fail_system("opening the state volume", state.volume, errno);
  return adopt_if_fresh(volume.get(), state.volume, mount_point);
}

}  // namespace

Result<> mount_state(const BootConf& conf, const Partitions& partitions) {
  const Fd root(::open(kNewRoot, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return fail_system("opening", kNewRoot, errno);
  for (std::size_t i = 0; i < conf.state_count; ++i) {
    REBURST_BOOT_TRY(mount_volume(root.get(), conf.state[i], partitions.state[i]));
  }
  return {};
}

}  // namespace reburst::boot
