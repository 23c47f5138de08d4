#include "boot/command_line.hpp"

#include <array>

#include "boot/console.hpp"
#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

Result<> check_command_line(const BootConf& conf, SecureBoot state) {
  if (is_for_tests()) return {};  // QEMU gives it a command line of its own
  static std::array<char, 8192> buffer;
  std::string_view found = REBURST_BOOT_TRY(read_small("/proc/cmdline", buffer));
  if (found.ends_with('\n')) found.remove_suffix(1);
  auto same = compare_command_lines(conf.command_line, found);
  if (same || state == SecureBoot::kOn) return same;
  Text<480> line("WARNING: the kernel's command line is not the signed one: ");
  say(line.add(same.error().found));
  return {};
}

}  // namespace reburst::boot
