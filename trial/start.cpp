#include "trial/start.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <thread>

#include "core/file.hpp"
#include "core/text.hpp"
#include "trial/judge.hpp"
#include "trial/state_disk.hpp"
#include "trial/test_initrd.hpp"

namespace reburst::trial {

namespace {

constexpr std::uint64_t kMaxConsole = 64U << 20U;

}  // namespace

std::string Boot::console() const {
  return read_file(wiring.console, kMaxConsole).value_or(std::string());
}

double Boot::seconds() const {
  return std::chrono::duration<double>(Clock::now() - started).count();
}

tl::unexpected<Error> did_not_boot(const Boot& boot, Error error) {
  error.code = ErrorCode::kTest;
  error.message += "\nthe console's last lines:\n" + indent(console_tail(boot.console(), kTailLines), "  | ");
  return fail(std::move(error));
}

Result<Boot> start(const Options& options, const std::filesystem::path& folder, Accelerator accelerator) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(system_error("cannot make a socket", errno));
  AgentClient agent{Fd(ends[0])};
  const Fd guest_end(ends[1]);  // ours is closed when QEMU has its own
  Wiring wiring{folder / "console.log", folder / "initrd.img", folder / "vars.fd", guest_end.get(), {}};
  wiring.ports = REBURST_TRY(choose_ports(options.release.tests));
  if (!by_firmware(options)) REBURST_TRY(write_test_initrd(options.release.initrd, wiring.initrd));
  if (!options.release.state.empty()) {
    wiring.state = folder / "state.raw";
    REBURST_TRY(write_state_disk(options.release.state, wiring.state));
  }
  std::optional<Tpm> tpm;
  std::vector<int> passed = {guest_end.get()};
  if (options.tpm) {
    tpm.emplace(REBURST_TRY(Tpm::start(folder / "tpm")));
    passed.push_back(wiring.tpm = tpm->machine_end());
  }
  const auto arguments = REBURST_TRY(qemu_arguments(options, accelerator, wiring));
  Machine machine = REBURST_TRY(Machine::start(arguments, folder, passed));
  const auto now = Clock::now();
  const auto deadline = now + std::chrono::seconds(options.timeout_seconds);
  Boot boot{options, std::move(wiring), std::move(machine), std::move(agent), now, deadline, std::move(tpm)};
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  if (boot.machine.alive()) return boot;
  return fail(ErrorCode::kEnvironment,
              "QEMU ended at once:\n" + indent(read_file(folder / "qemu.log", 65536).value_or(""), "  | "));
}

}  // namespace reburst::trial
