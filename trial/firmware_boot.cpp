#include <thread>

#include "core/file.hpp"
#include "trial/start.hpp"
#include "trial/trial.hpp"

namespace reburst::trial {

namespace {

constexpr std::string_view kRefused = "Access Denied";  // EFI_SECURITY_VIOLATION, as OVMF's boot manager says it
// reburst-init, of the firmware's variables. The kernel says it, too, but not with "quiet".
constexpr std::string_view kSecureBoot = "reburst: Secure Boot is on";
// After a refusal the firmware tries what else it can boot from.
constexpr double kSettleSeconds = 10;

bool has(const std::string& console, std::string_view words) {
  return console.find(words) != std::string::npos;
}

}  // namespace

bool by_firmware(const Options& options) {
  return options.firmware || !options.nvram.empty();
}

Result<FirmwareBoot> boot_by_firmware(const Options& options, Progress& progress) {
  const TempDirectory folder = REBURST_TRY(TempDirectory::make(options.work, "boot"));
  const Accelerator accelerator = REBURST_TRY(probe_accelerator(folder.path()));
  FirmwareBoot out{.accelerator = accelerator_name(accelerator), .console = {}};
  progress.begin("boot", 0, Progress::Unit::kItems);
  progress.note("booting the image in QEMU with " + out.accelerator);
  Boot boot = REBURST_TRY(start(options, folder.path(), accelerator));
  double refused_at = -1;
  while (boot.machine.alive() && Clock::now() < boot.deadline) {
    out.console = boot.console();
    if (has(out.console, kVerifiedRoot)) break;
    if (refused_at < 0 && has(out.console, kRefused)) refused_at = boot.seconds();
    if (refused_at >= 0 && boot.seconds() - refused_at > kSettleSeconds) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  out.console = boot.console();
  out.verified = has(out.console, kVerifiedRoot);
  out.refused = !out.verified && refused_at >= 0;
  out.secure_boot = has(out.console, kSecureBoot);
  out.seconds = out.refused ? refused_at : boot.seconds();
  if (boot.tpm && out.verified) {
    boot.machine.stop();
    out.registers = REBURST_TRY(boot.tpm->read());
  }
  return out;
}

}  // namespace reburst::trial
