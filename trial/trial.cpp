#include "trial/trial.hpp"

#include <thread>

#include "core/file.hpp"
#include "core/text.hpp"
#include "trial/accelerator.hpp"
#include "trial/http_probe.hpp"
#include "trial/judge.hpp"
#include "trial/start.hpp"

namespace reburst::trial {

namespace {

constexpr unsigned kCommandSeconds = 60;

using std::chrono::milliseconds;

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
  while (boot.console().find(kVerifiedRoot) == std::string::npos) {
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
  const bool patient = by_firmware(boot.options);  // nothing else says when the guest is up
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
  if (by_firmware(boot.options))
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
  if (by_firmware(options)) {
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
