#include <fcntl.h>
#include <unistd.h>

#include "boot/command_line.hpp"
#include "boot/console.hpp"
#include "boot/files.hpp"
#include "boot/steps.hpp"

// reburst-init: process 1 of the initrd. Reads its orders from /boot.conf beside it, never from the kernel's command
// line, which the host may change and which is only compared with the signed one, and never from /.extra, which the EFI
// system partition may.
namespace reburst::boot {

namespace {

Result<> read_conf(BootConf& conf) {
  static std::array<char, kMaxConfSize> buffer;
  const std::string_view text = REBURST_BOOT_TRY(read_small("/boot.conf", buffer));
  conf = REBURST_BOOT_TRY(parse_boot_conf(text));
  return {};
}

// Before the root is mounted: from then on its content decides what is read.
Result<> scan_root(const BootConf& conf, const Partitions& partitions, Facts& facts) {
  if (!conf.scan) return {};
  facts.scan = REBURST_BOOT_TRY(scan_device(kRootDevice, partitions.data.device, conf.data_blocks * kBlockSize,
                                            count_readers(), root_was_corrupt));
  facts.timeline.mark("scan");
  Text<128> line("scanned the root: ");
  line.add_number(facts.scan.bytes >> 20U).add(" MiB in ").add_number(facts.scan.microseconds / 1000).add(" ms");
  say(line);
  return {};
}

Result<> boot(BootConf& conf) {
  static Facts facts;
  Timeline& timeline = facts.timeline;
  REBURST_BOOT_TRY(mount_kernel_file_systems());
  timeline.mark("start");
  REBURST_BOOT_TRY(read_conf(conf));
  REBURST_BOOT_TRY(load_modules());
  timeline.mark("modules");
  facts.secure_boot = REBURST_BOOT_TRY(check_secure_boot(conf));
  REBURST_BOOT_TRY(check_command_line(conf, facts.secure_boot));
  timeline.mark("secure_boot");
  facts.registers = read_registers();
  static Partitions partitions;
  partitions = REBURST_BOOT_TRY(find_partitions(conf));
  timeline.mark("partitions");
  facts.has_ticket = REBURST_BOOT_TRY(require_ticket(conf, facts.ticket));
  timeline.mark("ticket");
  REBURST_BOOT_TRY(map_root(conf, partitions));
  timeline.mark("verity");
  REBURST_BOOT_TRY(scan_root(conf, partitions, facts));
  facts.panic_on_error = REBURST_BOOT_TRY(panic_from_now_on(conf, partitions));
  REBURST_BOOT_TRY(mount_root());
  timeline.mark("root");
  REBURST_BOOT_TRY(mount_volatile());
  timeline.mark("volatile");
  REBURST_BOOT_TRY(mount_state(conf, partitions));
  timeline.mark("state");
  REBURST_BOOT_TRY(prepare_door());
  return write_record(conf, facts);
}

void announce(const BootConf& conf) {
  Text<256> line(conf.role);
  say(line.add(' ').add(conf.version).add(' ').add_hex(conf.root_hash).add(" verified root, handing over"));
}

}  // namespace

}  // namespace reburst::boot

int main() {
  using namespace reburst::boot;
  static BootConf conf;
  if (::getpid() != 1) {
    constexpr std::string_view kMessage =
        "reburst-init: this program is process 1 of an initrd and does nothing elsewhere\n";
    (void)write_all(STDERR_FILENO, kMessage);
    return 2;
  }
  if (const auto done = boot(conf); !done) refuse(done.error(), conf);
  announce(conf);
  refuse(hand_over(), conf);
}
