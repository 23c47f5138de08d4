#include "cli/supervise.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace reburst::cli {

namespace {

constexpr int kInterrupted = 130;

// Blocks the signals that the parent waits for, in parent and child; the child unblocks them again.
sigset_t waited_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&set, number);
  return set;
}

[[noreturn]] void run_child(const std::function<int()>& work, const sigset_t& set, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kInterrupted);
  ::setpgid(0, 0);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  const int status = work();
  std::fflush(nullptr);
  ::_exit(status);
}

int interrupted(const std::function<void(const Error&)>& tell) {
  tell({ErrorCode::kInterrupted, "interrupted; nothing was left behind", {}, {}});
  return kInterrupted;
}

}  // namespace

int supervise(const std::function<int()>& work, const std::function<void()>& sweep,
              const std::function<void(const Error&)>& tell) {
  const sigset_t set = waited_signals();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) {
    std::perror("reburst: cannot start a process");
    return 16;
  }
  if (child == 0) run_child(work, set, parent);
  ::setpgid(child, child);
  for (;;) {
    const int signal = ::sigwaitinfo(&set, nullptr);
    if (signal == SIGCHLD || signal < 0) {
      int status = 0;
      const pid_t ended = ::waitpid(child, &status, WNOHANG);
      if (ended != child) continue;
      if (WIFEXITED(status)) return WEXITSTATUS(status);
      ::kill(-child, SIGKILL);
      sweep();
      if (WTERMSIG(status) == SIGINT) return interrupted(tell);  // ^C at its question
      tell({ErrorCode::kInternal,
            "the build was ended by signal " + std::to_string(WTERMSIG(status)),
            "was memory short? fewer --jobs need less",
            {}});
      return 128 + WTERMSIG(status);
    }
    ::kill(-child, SIGKILL);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    sweep();
    return interrupted(tell);
  }
}

}  // namespace reburst::cli
