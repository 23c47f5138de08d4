#include "trial/machine.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::trial {

namespace {

// Prepared before fork(): between fork and exec only async-signal-safe calls are allowed.
struct Plan {
  const char* program;
  std::vector<char*> argv, environment;
  int nothing, log;
  const std::vector<int>& passed;
  pid_t parent;
};

bool keep(const std::vector<int>& passed) {
  return std::ranges::all_of(passed, [](int fd) { return ::fcntl(fd, F_SETFD, 0) == 0; });
}

[[noreturn]] void become(const Plan& plan) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(plan.nothing, 0) >= 0 && ::dup2(plan.log, 1) >= 0 && ::dup2(plan.log, 2) >= 0 && keep(plan.passed)) {
    ::execve(plan.program, plan.argv.data(), plan.environment.data());
  }
  ::_exit(127);
}

}  // namespace

Result<Machine> Machine::start(const std::vector<std::string>& argv, const std::filesystem::path& scratch,
                               const std::vector<int>& passed) {
  const auto program = find_program(argv.front());
  if (!program) {
    return fail(ErrorCode::kEnvironment, "cannot run \"" + argv.front() + "\": it is not installed",
                "install the package qemu-system-x86");
  }
  const Fd nothing = REBURST_TRY(open_read("/dev/null"));
  const Fd output = REBURST_TRY(open_write(scratch / "qemu.log"));
  Plan plan{program->c_str(), {}, {}, nothing.get(), output.get(), passed, ::getpid()};
  for (const std::string& word : argv) plan.argv.push_back(const_cast<char*>(word.c_str()));
  plan.argv.push_back(nullptr);
  std::string temporary = "TMPDIR=" + scratch.string();
  std::string path = "PATH=/usr/bin";
  plan.environment = {temporary.data(), path.data(), nullptr};
  const pid_t child = ::fork();
  if (child < 0) return fail(system_error("cannot start \"" + argv.front() + "\"", errno));
  if (child == 0) become(plan);
  return Machine(child);
}

bool Machine::alive() {
  if (pid_ < 0) return false;
  const pid_t ended = ::waitpid(pid_, nullptr, WNOHANG);
  if (ended == pid_ || (ended < 0 && errno != EINTR)) pid_ = -1;
  return pid_ >= 0;
}

void Machine::stop() {
  if (!alive()) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

}  // namespace reburst::trial
