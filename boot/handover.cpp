#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

// Removes what lies on the initramfs itself, never what is mounted over it: its memory is needed no more.
void free_initramfs(int parent, const char* name, dev_t device, int depth) {
  const Fd folder(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (depth > 16 || !folder.valid() || ::fstat(folder.get(), &status) != 0 || status.st_dev != device) return;
  DIR* entries = ::fdopendir(::dup(folder.get()));
  if (entries == nullptr) return;
  while (const dirent* entry = ::readdir(entries)) {
    const std::string_view each(entry->d_name);
    if (each == "." || each == "..") continue;
    if (::unlinkat(folder.get(), entry->d_name, 0) == 0) continue;
    free_initramfs(folder.get(), entry->d_name, device, depth + 1);
    ::unlinkat(folder.get(), entry->d_name, AT_REMOVEDIR);  // fails on a mount point, as it should
  }
  ::closedir(entries);
}

Result<> move_kernel_file_systems() {
  for (const char* each : {"/dev", "/proc", "/sys", "/run"}) {
    Path target(kNewRoot);
    target.add(each);
    if (::mount(each, target.c_str(), nullptr, MS_MOVE, nullptr) != 0) {
      return fail_system("moving into the new root", each, errno,
                         "the image must hold the folders /dev, /proc, /sys and /run");
    }
  }
  return {};
}

Result<> switch_root() {
  REBURST_BOOT_TRY(move_kernel_file_systems());
  if (::chdir(kNewRoot) != 0) return fail_system("entering", kNewRoot, errno);
  struct stat old_root {};
  if (::stat("/", &old_root) == 0) free_initramfs(AT_FDCWD, "/", old_root.st_dev, 0);
  if (::mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 || ::chroot(".") != 0 || ::chdir("/") != 0) {
    return fail_system("switching to", kNewRoot, errno);
  }
  return {};
}

}  // namespace

Failure hand_over() {
  if (const auto done = switch_root(); !done) return done.error();
  char* const environment[] = {nullptr};
  for (const char* program : {"/sbin/init", "/usr/lib/systemd/systemd"}) {
    char* const arguments[] = {const_cast<char*>(program), nullptr};
    ::execve(program, arguments, environment);
  }
  return fail_system("starting", "/sbin/init", errno,
                     "the image must hold systemd: add systemd-sysv to the recipe's packages")
      .value();
}

}  // namespace reburst::boot
