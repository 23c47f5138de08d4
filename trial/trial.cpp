#include "trial/trial.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <thread>

#include "core/file.hpp"
#include "core/text.hpp"
#include "trial/accelerator.hpp"
#include "trial/agent_client.hpp"
#include "trial/http_probe.hpp"
#include "trial/judge.hpp"
#include "trial/machine.hpp"
#include "trial/qemu.hpp"
#include "trial/state_disk.hpp"
#include "trial/test_initrd.hpp"

namespace reburst::trial {

namespace {

constexpr std::size_t kTailLines = 30;
constexpr std::uint64_t kMaxConsole = 64U << 20U;
constexpr unsigned kCommandSeconds = 60;
// What reburst-init says last; only a verified root leads to it.
constexpr std::string_view kMarker = "verified root, handing over";

using std::chrono::milliseconds;

// One boot: the machine, where its ends are, and until when all has to be over.
struct Boot {
  const Options& options;
  Wiring wiring;
  Machine machine;
  AgentClient agent;
  Clock::time_point started, deadline;

  [[nodiscard]] std::string console() const { return read_file(wiring.console, kMaxConsole).value_or(std::string()); }
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - started).count(); }
};

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
  if (!options.firmware) REBURST_TRY(write_test_initrd(options.release.initrd, wiring.initrd));
  if (!options.release.state.empty()) {
    wiring.state = folder / "state.raw";
    REBURST_TRY(write_state_disk(options.release.state, wiring.state));
  }
  const auto arguments = REBURST_TRY(qemu_arguments(options, accelerator, wiring));
  Machine machine = REBURST_TRY(Machine::start(arguments, folder, guest_end.get()));
  const auto now = Clock::now();
  const auto deadline = now + std::chrono::seconds(options.timeout_seconds);
  Boot boot{options, std::move(wiring), std::move(machine), std::move(agent), now, deadline};
  std::this_thread::sleep_for(milliseconds(300));
  if (boot.machine.alive()) return boot;
  return fail(ErrorCode::kEnvironment,
              "QEMU ended at once:\n" + indent(read_file(folder / "qemu.log", 65536).value_or(""), "  | "));
}

// The direct boot is over when systemd has no job left ("running", or "degraded": a test will tell).
Result<> wait_for_systemd(Boot& boot) {
  const auto found = boot.agent.run("systemctl is-system-running --wait", boot.options.timeout_seconds, boot.deadline);
  if (!found) return did_not_boot(boot, found.error());
  const std::string state(trim(found->out));
  if (state == "running" || state == "degraded") return {};
  return did_not_boot(
      boot, Error{ErrorCode::kTest, "the guest's systemd did not finish starting: it is \"" + state + "\"", "", {}});
}

Result<> wait_for_marker(Boot& boot) {
  while (boot.console().find(kMarker) == std::string::npos) {
    if (!boot.machine.alive())
      return did_not_boot(boot, Error{ErrorCode::kTest, "the guest ended before its root was verified", "", {}});
    if (Clock::now() >= boot.deadline) {
      return did_not_boot(
          boot, Error{ErrorCode::kTest, "the guest did not verify its root in time", "raise the time limit", {}});
    }
    std::this_thread::sleep_for(milliseconds(100));
  }
  return {};
}

// A server may start later than systemd says it did: ask until the answer is right, or time is over.
TestResult run_http(Boot& boot, const std::string& name, const recipe::HttpTest& test) {
  const auto deadline = std::min(boot.deadline, Clock::now() + std::chrono::seconds(kCommandSeconds));
  const bool patient = boot.options.firmware;  // nothing else says when the guest is up
  int status = 0;
  do {
    const auto until = std::min(boot.deadline, Clock::now() + std::chrono::seconds(10));
    status = http_get(boot.wiring.ports.at(test.port), test.path, until);
    if (status == test.status) break;
    std::this_thread::sleep_for(milliseconds(200));
  } while (Clock::now() < (patient ? boot.deadline : deadline) && boot.machine.alive());
  return judge_http(name, test, status);
}

TestResult run_command(Boot& boot, const std::string& name, const recipe::CommandTest& test) {
  if (boot.options.firmware)
    return {name, Outcome::kSkipped, "a command needs the test initrd, and a firmware boot takes the released one"};
  const auto found = boot.agent.run(test.command, kCommandSeconds, boot.deadline);
  if (!found) return {name, Outcome::kFailed, found.error().message};
  return judge_command(name, test, *found);
}

std::vector<TestResult> run_tests(Boot& boot, Progress& progress) {
  std::vector<TestResult> results;
  for (const recipe::ImageTest& test : boot.options.release.tests) {
    const auto* http = std::get_if<recipe::HttpTest>(&test.check);
    results.push_back(http != nullptr ? run_http(boot, test.name, *http)
                                      : run_command(boot, test.name, std::get<recipe::CommandTest>(test.check)));
    progress.advance(1);
  }
  return results;
}

}  // namespace

bool Report::passed() const {
  for (const TestResult& each : results) {
    if (each.outcome == Outcome::kFailed) return false;
  }
  return true;
}

std::string Report::failures() const {
  std::string out;
  for (const TestResult& each : results) {
    if (each.outcome == Outcome::kPassed) continue;
    out += (each.outcome == Outcome::kFailed ? "failed: " : "skipped: ") + each.name + "\n" +
           indent(each.detail, "  ") + "\n";
  }
  if (!passed()) out += "the console's last lines:\n" + indent(console_tail(console, kTailLines), "  | ");
  return out;
}

Result<Report> run(const Options& options, Progress& progress) {
  const TempDirectory folder = REBURST_TRY(TempDirectory::make(options.work, "trial"));
  const Accelerator accelerator = REBURST_TRY(probe_accelerator(folder.path()));
  Report report{.accelerator = accelerator_name(accelerator), .results = {}, .console = {}};
  progress.begin("test", options.release.tests.size(), Progress::Unit::kItems);
  progress.note("booting the image in QEMU with " + report.accelerator);
  Boot boot = REBURST_TRY(start(options, folder.path(), accelerator));
  if (options.firmware) {
    REBURST_TRY(wait_for_marker(boot));
  } else {
    REBURST_TRY(wait_for_systemd(boot));
  }
  report.boot_seconds = boot.seconds();
  report.results = run_tests(boot, progress);
  report.console = boot.console();
  return report;
}

}  // namespace reburst::trial
