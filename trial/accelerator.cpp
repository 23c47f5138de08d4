#include "trial/accelerator.hpp"

#include <unistd.h>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::trial {

namespace {

// mov al, 0x21; mov dx, 0x501; out dx, al; hlt. isa-debug-exit makes the exit status 2 * 0x21 + 1.
constexpr std::string_view kProgram = "\xb0\x21\xba\x01\x05\xee\xf4";
constexpr int kProbeStatus = 0x43;

std::string boot_sector() {
  std::string sector(kProgram);
  sector.resize(510, '\0');
  return sector + "\x55\xaa";
}

}  // namespace

Result<Accelerator> probe_accelerator(const std::filesystem::path& work) {
  if (::access("/dev/kvm", R_OK | W_OK) != 0) return Accelerator::kEmulation;
  const auto sector = work / "probe.raw";
  REBURST_TRY(write_file_atomic(sector, boot_sector()));
  Command probe;
  probe.argv = {"qemu-system-x86_64",
                "-nodefaults",
                "-display",
                "none",
                "-no-reboot",
                "-m",
                "16",
                "-accel",
                "kvm",
                "-device",
                "isa-debug-exit,iobase=0x501,iosize=1",
                "-drive",
                "format=raw,snapshot=on,if=ide,file=" + sector.string()};
  probe.timeout_seconds = 4;  // half a second is enough where it works; some hosts never answer
  const auto exit = ::reburst::run(probe);
  if (!exit && exit.error().code == ErrorCode::kEnvironment) return fail(exit.error());
  return exit && exit->status == kProbeStatus ? Accelerator::kKvm : Accelerator::kEmulation;
}

Result<std::string> qemu_version() {
  Command command;
  command.argv = {"qemu-system-x86_64", "--version"};
  const auto exit = REBURST_TRY(::reburst::run(command));
  return exit.out.substr(0, exit.out.find('\n'));
}

std::string accelerator_name(Accelerator accelerator) {
  return accelerator == Accelerator::kKvm ? "kvm" : "emulation";
}

std::vector<std::string> accelerator_arguments(Accelerator accelerator) {
  if (accelerator == Accelerator::kKvm) return {"-accel", "kvm", "-cpu", "host"};
  // Linux 6.12's allocator under QEMU 7.2's emulated cmpxchg16b corrupts registers now and then
  // (docs/adr/0006-trial.md); without the instruction it takes a lock instead.
  return {"-accel", "tcg", "-cpu", "max,-cx16"};
}

}  // namespace reburst::trial
