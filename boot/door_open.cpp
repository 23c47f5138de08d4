#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kAgent = "/run/reburst-test/agent";
constexpr const char* kWanted = "/run/systemd/system/multi-user.target.wants/reburst-agent.service";

// Started as early as systemd starts anything, so that it answers even when the boot hangs later.
constexpr std::string_view kUnit =
    "[Unit]\n"
    "Description=Reburst test agent\n"
    "DefaultDependencies=no\n"
    "\n"
    "[Service]\n"
    "Type=simple\n"
    "ExecStart=/run/reburst-test/agent\n"
    "Restart=always\n"
    "RestartSec=1\n"
    "OOMScoreAdjust=-1000\n";

Result<> copy_agent() {
  const Fd in(::open("/test/agent", O_RDONLY | O_CLOEXEC));
  if (!in.valid()) return fail_system("opening", "/test/agent", errno, "the test initrd holds no agent");
  const Fd out(::open(kAgent, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755));
  if (!out.valid()) return fail_system("creating", kAgent, errno);
  for (;;) {
    const ssize_t moved = ::sendfile(out.get(), in.get(), nullptr, 1U << 20U);
    if (moved == 0) return {};
    if (moved < 0 && errno != EINTR) return fail_system("copying", kAgent, errno);
  }
}

}  // namespace

Result<> prepare_door() {
  REBURST_BOOT_TRY(make_folder("/run/reburst-test", 0755));
  REBURST_BOOT_TRY(copy_agent());
  REBURST_BOOT_TRY(make_folder("/run/systemd", 0755));
  REBURST_BOOT_TRY(make_folder("/run/systemd/system", 0755));
  REBURST_BOOT_TRY(make_folder("/run/systemd/system/multi-user.target.wants", 0755));
  REBURST_BOOT_TRY(write_file("/run/systemd/system/reburst-agent.service", kUnit, 0644));
  if (::symlink("../reburst-agent.service", kWanted) != 0) return fail_system("linking", kWanted, errno);
  return {};
}

bool is_for_tests() {
  return true;
}

}  // namespace reburst::boot
