#include "core/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "core/handle.hpp"

namespace reburst {

namespace {

constexpr std::array kPath = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(system_error("cannot make a pipe", errno));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

// What the child needs, prepared before fork(): between fork and exec only async-signal-safe calls are allowed.
struct ChildPlan {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* directory;
  int input;
  int output;
  int error;
  int report;  // errno of a failed start is written here
  const std::vector<int>* pass_fds;
  pid_t parent;
};

[[noreturn]] void run_child(const ChildPlan& plan) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  bool ok = ::dup2(plan.input, 0) >= 0 && ::dup2(plan.output, 1) >= 0 && ::dup2(plan.error, 2) >= 0;
  for (const int fd : *plan.pass_fds) ok = ok && ::fcntl(fd, F_SETFD, 0) == 0;
  if (plan.directory != nullptr) ok = ok && ::chdir(plan.directory) == 0;
  if (ok) ::execve(plan.program, plan.argv, plan.environment);
  const int number = errno;
  (void)!::write(plan.report, &number, sizeof number);
  ::_exit(127);
}

void keep_tail(std::string& text, std::size_t max) {
  if (text.size() > max) text.erase(0, text.size() - max);
}

// Feeds the child and drains it until both streams end. False when the deadline passed.
struct Pump {
  Fd input;
  Fd output;
  Fd error;
  std::string_view pending;

  bool drain(const Command& command, Exit& result) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::seconds(command.timeout_seconds.value_or(0));
    std::array<char, 1U << 16U> buffer{};
    while (output.valid() || error.valid()) {
      int wait = -1;
      if (command.timeout_seconds) {
        wait = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count());
        if (wait <= 0) return false;
      }
      if (pending.empty()) input.reset();
      std::array<pollfd, 3> polls = {pollfd{output.get(), POLLIN, 0}, pollfd{error.get(), POLLIN, 0},
                                     pollfd{input.get(), POLLOUT, 0}};
      if (::poll(polls.data(), polls.size(), wait) < 0 && errno != EINTR) return false;
      take(output, polls[0], buffer, result.out, command.max_output);
      take(error, polls[1], buffer, command.merge_output ? result.out : result.error, command.max_output);
      if ((polls[2].revents & (POLLOUT | POLLERR)) != 0) feed();
    }
    return true;
  }

  static void take(Fd& from, const pollfd& state, std::array<char, 1U << 16U>& buffer, std::string& into,
                   std::size_t max) {
    if (!from.valid() || (state.revents & (POLLIN | POLLHUP | POLLERR)) == 0) return;
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got > 0) {
      into.append(buffer.data(), static_cast<std::size_t>(got));
      if (into.size() > 2 * max) keep_tail(into, max);
    } else if (got == 0 || errno != EINTR) {
      from.reset();
    }
  }

  void feed() {
    const ssize_t put = ::write(input.get(), pending.data(), pending.size());
    if (put > 0) pending.remove_prefix(static_cast<std::size_t>(put));
    if (put < 0 && errno != EINTR && errno != EAGAIN) pending = {};  // the child does not want it
  }
};

}  // namespace

std::optional<std::filesystem::path> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return std::filesystem::path(name);
  for (const auto* folder : kPath) {
    auto candidate = std::filesystem::path(folder) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

Result<Exit> run(const Command& command) {
  const auto program = find_program(command.argv.front());
  if (!program) {
    return fail(ErrorCode::kEnvironment, "cannot run \"" + command.argv.front() + "\": it is not installed",
                "./reburst installs what a build needs; run it once as root");
  }
  Pipe input = REBURST_TRY(make_pipe());
  Pipe output = REBURST_TRY(make_pipe());
  Pipe error = REBURST_TRY(make_pipe());
  Pipe report = REBURST_TRY(make_pipe());
  const auto argv = pointers(command.argv);
  const auto environment = pointers(command.environment);
  const ChildPlan plan{.program = program->c_str(),
                       .argv = argv.data(),
                       .environment = environment.data(),
                       .directory = command.directory.empty() ? nullptr : command.directory.c_str(),
                       .input = input.read.get(),
                       .output = output.write.get(),
                       .error = command.merge_output ? output.write.get() : error.write.get(),
                       .report = report.write.get(),
                       .pass_fds = &command.pass_fds,
                       .parent = ::getpid()};
  ::signal(SIGPIPE, SIG_IGN);
  const pid_t child = ::fork();
  if (child < 0) return fail(system_error("cannot start \"" + command.argv.front() + "\"", errno));
  if (child == 0) run_child(plan);
  input.read.reset();
  output.write.reset();
  error.write.reset();
  report.write.reset();
  int start_error = 0;
  const bool failed = ::read(report.read.get(), &start_error, sizeof start_error) == sizeof start_error;

  Exit result;
  ::fcntl(input.write.get(), F_SETFL, O_NONBLOCK);
  Pump pump{std::move(input.write), std::move(output.read), std::move(error.read), command.input};
  const bool in_time = failed || pump.drain(command, result);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed) return fail(system_error("cannot start \"" + command.argv.front() + "\"", start_error));
  if (!in_time) {
    return fail(ErrorCode::kInternal, "\"" + command.argv.front() + "\" did not end within " +
                                          std::to_string(command.timeout_seconds.value_or(0)) + " s");
  }
  keep_tail(result.out, command.max_output);
  keep_tail(result.error, command.max_output);
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace reburst
