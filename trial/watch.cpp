#include "trial/watch.hpp"

#include <chrono>
#include <thread>

#include "core/file.hpp"
#include "core/text.hpp"
#include "trial/machine.hpp"
#include "trial/qemu.hpp"

namespace reburst::trial {

namespace {

constexpr std::uint64_t kMaxConsole = 64U << 20U;
constexpr std::uint64_t kSector = 512;

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// blkdebug fails each read of the one sector, as a worn disk does.
std::vector<std::string> unreadable(const BareDisk& disk, const std::string& name) {
  const std::string rule = ",inject-error.0.";
  return {"-blockdev",
          "driver=file,read-only=on,node-name=" + name + "-file,filename=" + option(disk.file),
          "-blockdev",
          "driver=blkdebug,read-only=on,node-name=" + name + ",image=" + name + "-file" + rule + "event=none" + rule +
              "iotype=read" + rule + "errno=5" + rule + "once=off" + rule + "immediately=off" + rule +
              "sector=" + std::to_string(*disk.unreadable_byte / kSector),
          "-device",
          "virtio-blk-pci,rerror=report,drive=" + name};
}

std::vector<std::string> drives(const BareMachine& machine) {
  std::vector<std::string> out;
  for (const BareDisk& disk : machine.disks) {
    if (disk.unreadable_byte) {
      append(out, unreadable(disk, "disk" + std::to_string(out.size())));
    } else {
      append(out, {"-drive", "if=virtio,format=raw,snapshot=on,file=" + option(disk.file)});
    }
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> qemu_arguments(const BareMachine& machine, Accelerator accelerator,
                                                const std::filesystem::path& folder, int tpm) {
  std::vector<std::string> out = {"qemu-system-x86_64",
                                  "-nodefaults",
                                  "-no-user-config",
                                  "-no-reboot",
                                  "-display",
                                  "none",
                                  "-nic",
                                  "none",
                                  "-M",
                                  machine.nvram.empty() ? "q35" : "q35,smm=on",
                                  "-smp",
                                  "2",
                                  "-m",
                                  std::to_string(machine.memory_mib)};
  append(out, accelerator_arguments(accelerator));
  append(out, {"-chardev", "file,id=console,path=" + option(folder / "console.log"), "-serial", "chardev:console"});
  append(out, drives(machine));
  if (machine.firmware) append(out, REBURST_TRY(firmware_arguments(machine.nvram, folder / "vars.fd")));
  if (!machine.kernel.empty()) append(out, {"-kernel", machine.kernel.string()});
  if (!machine.initrd.empty()) append(out, {"-initrd", machine.initrd.string()});
  if (!machine.append.empty()) append(out, {"-append", machine.append});
  for (const auto& each : machine.smbios_strings) append(out, {"-smbios", "type=11,value=" + option(each)});
  for (const auto& [name, content] : machine.firmware_files)
    append(out, {"-fw_cfg", "name=" + name + ",string=" + option(content)});
  if (!machine.ticket.empty()) append(out, {"-fw_cfg", "name=opt/org.reburst.ticket,file=" + option(machine.ticket)});
  if (!machine.clock.empty()) append(out, {"-rtc", "base=" + machine.clock});
  if (tpm >= 0) append(out, tpm_arguments(tpm));
  return out;
}

Result<Watched> watch(const BareMachine& machine, const std::filesystem::path& folder, Accelerator accelerator,
                      unsigned timeout_seconds, const Decide& decide) {
  using Clock = std::chrono::steady_clock;
  std::optional<Tpm> tpm;
  if (machine.tpm) tpm.emplace(REBURST_TRY(Tpm::start(folder / "tpm")));
  const int end = tpm ? tpm->machine_end() : -1;
  const auto arguments = REBURST_TRY(qemu_arguments(machine, accelerator, folder, end));
  Machine running = REBURST_TRY(Machine::start(arguments, folder, tpm ? std::vector<int>{end} : std::vector<int>()));
  const auto started = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - started).count(); };
  const auto console = [&] { return read_file(folder / "console.log", kMaxConsole).value_or(std::string()); };
  Watched out;
  std::optional<double> first;
  bool alive = true;
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    alive = running.alive();  // before the console is read: what it wrote last is seen
    out.console = console();
    out.seconds = elapsed();
    if (const auto rest = decide(out.console)) {
      if (!first) first = out.seconds;
      if (out.seconds - *first >= *rest) {
        running.stop();
        if (tpm) out.registers = REBURST_TRY(tpm->read());
        return out;
      }
    }
  } while (alive && out.seconds < timeout_seconds);
  out.timed_out = alive;
  if (alive || !out.console.empty()) return out;
  return fail(ErrorCode::kEnvironment,
              "QEMU ended at once:\n" + indent(read_file(folder / "qemu.log", 65536).value_or(""), "  | "));
}

}  // namespace reburst::trial
