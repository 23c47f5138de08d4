#include "builder/tree/sandbox.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

#include "builder/tree/beneath.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::tree {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "no seccomp architecture known for this processor"
#endif

// What dpkg's scripts need as root; not: mounting, devices, raw network, modules, time.
constexpr std::array<const char*, 12> kCapabilities = {
    "CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER",  "CAP_FSETID",     "CAP_KILL",
    "CAP_SETGID", "CAP_SETUID",       "CAP_SETPCAP",         "CAP_SETFCAP", "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE"};

// A tree under construction is worth nothing after a crash: flushing it costs seconds and gains nothing.
constexpr std::array<std::uint32_t, 5> kFlushes = {SYS_fsync, SYS_fdatasync, SYS_sync, SYS_syncfs, SYS_sync_file_range};

// A classic BPF program for bwrap --seccomp: the calls of kFlushes return 0, all others pass.
Result<Fd> seccomp_filter() {
  const auto size = static_cast<std::uint8_t>(kFlushes.size());
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 0, static_cast<std::uint8_t>(size + 1)),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (std::uint8_t i = 0; i < size; ++i) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kFlushes.at(i), static_cast<std::uint8_t>(size - i), 0));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO));  // errno 0: success
  Fd fd(::memfd_create("seccomp", 0));
  if (!fd.valid()) return fail(system_error("cannot make a memory file", errno));
  REBURST_TRY(write_all(fd.get(), std::as_bytes(std::span(program)), "a memory file"));
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return fail(system_error("cannot rewind a memory file", errno));
  return fd;
}

// Not before they are needed: the packages that bring these folders decide their modes.
Result<> make_mount_points(const std::filesystem::path& root) {
  const Beneath beneath = REBURST_TRY(Beneath::open(root));
  for (const char* folder : {"dev", "proc", "run", "tmp"}) {
    if (!REBURST_TRY(beneath.examine(folder))) REBURST_TRY(beneath.make_folders(folder));
  }
  return {};
}

}  // namespace

Result<Sandbox> Sandbox::make(const std::filesystem::path& root, Epoch epoch) {
  if (!find_program("bwrap"))
    return fail(ErrorCode::kEnvironment, "cannot make a sandbox: \"bwrap\" is not installed",
                "install the package bubblewrap");
  return Sandbox(root, epoch);
}

Result<Exit> Sandbox::run(const Run& run) const {
  REBURST_TRY(make_mount_points(root_));
  const Fd filter = REBURST_TRY(seccomp_filter());
  Command command;
  command.argv = {"bwrap",
                  "--unshare-pid",
                  "--unshare-net",
                  "--unshare-ipc",
                  "--unshare-uts",
                  "--hostname",
                  "localhost",
                  "--bind",
                  root_.string(),
                  "/",
                  "--proc",
                  "/proc",
                  "--dev",
                  "/dev",
                  "--perms",
                  "1777",
                  "--tmpfs",
                  "/tmp",
                  "--perms",
                  "0755",
                  "--tmpfs",
                  "/run",
                  "--perms",
                  "1777",
                  "--dir",
                  "/run/lock",
                  "--chdir",
                  "/",
                  "--die-with-parent",
                  "--new-session",
                  "--seccomp",
                  std::to_string(filter.get()),
                  "--cap-drop",
                  "ALL"};
  for (const char* capability : kCapabilities) {
    command.argv.insert(command.argv.end(), {"--cap-add", capability});
  }
  command.argv.insert(command.argv.end(), {"--", "/bin/sh", "-c", "umask 022; exec \"$0\" \"$@\""});
  command.argv.insert(command.argv.end(), run.argv.begin(), run.argv.end());
  command.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                         "HOME=/root",
                         "USER=root",
                         "LOGNAME=root",
                         "SHELL=/bin/sh",
                         "TERM=dumb",
                         "TZ=UTC",
                         "LC_ALL=C.UTF-8",
                         "SOURCE_DATE_EPOCH=" + std::to_string(epoch_),
                         "DEBIAN_FRONTEND=noninteractive",
                         "DEBCONF_NONINTERACTIVE_SEEN=true",
                         "PYTHONHASHSEED=0",
                         "PYTHONDONTWRITEBYTECODE=1"};  // no cache of what a script happens to import; byte-compiling
                                                        // itself is not affected
  command.environment.insert(command.environment.end(), run.environment.begin(), run.environment.end());
  command.input = run.input;
  command.pass_fds = {filter.get()};
  command.merge_output = true;
  Exit exit = REBURST_TRY(reburst::run(command));
  if (exit.status != 0 && exit.out.starts_with("bwrap: execvp ")) {
    // The kernel says the same of a program that is there and of which the loader is not.
    return fail(ErrorCode::kScript, "cannot run \"/bin/sh\" in the tree: " + std::string(trim(exit.out)),
                "the tree lacks the shell, or the libraries that it needs: see what the recipe excludes");
  }
  if (exit.status != 0 && exit.out.starts_with("bwrap: ")) {
    return fail(ErrorCode::kEnvironment, "cannot make a sandbox: " + std::string(trim(exit.out)),
                "the kernel must allow namespaces; in a container, run with --privileged or with unprivileged user "
                "namespaces allowed");
  }
  return exit;
}

}  // namespace reburst::tree
