#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

constexpr std::size_t kMaxPassphrase = 4096;

// The terminal without echo. Whatever would end the program meanwhile waits until the echo is back.
class Silence {
 public:
  static Result<Silence> of(Fd terminal) {
    Silence out(std::move(terminal));
    sigset_t ends;
    ::sigemptyset(&ends);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::sigaddset(&ends, number);
    out.signals_ = Fd(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!out.signals_.valid() || ::tcgetattr(out.terminal_.get(), &out.before_) != 0)
      return fail(system_error("cannot use the terminal", errno));
    ::sigaddset(&ends, SIGTTOU);  // else whoever is not in the foreground is stopped by the next calls
    ::pthread_sigmask(SIG_BLOCK, &ends, &out.mask_);
    out.active_ = true;
    out.take_foreground();
    termios silent = out.before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (::tcsetattr(out.terminal_.get(), TCSAFLUSH, &silent) != 0)
      return fail(system_error("cannot use the terminal", errno));
    return out;
  }
  Silence(Silence&& other) noexcept
      : terminal_(std::move(other.terminal_)),
        signals_(std::move(other.signals_)),
        before_(other.before_),
        mask_(other.mask_),
        foreground_(other.foreground_),
        active_(std::exchange(other.active_, false)) {}
  Silence& operator=(Silence&&) = delete;
  ~Silence() {
    if (!active_) return;
    (void)::tcsetattr(terminal_.get(), TCSAFLUSH, &before_);
    (void)write_all(terminal_.get(), "\n", "the terminal");
    if (foreground_ > 0) (void)::tcsetpgrp(terminal_.get(), foreground_);
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);  // what has waited comes now
  }

  [[nodiscard]] int fd() const { return terminal_.get(); }

  // Until there is something to read.
  [[nodiscard]] Result<> wait() const {
    for (;;) {
      pollfd watched[] = {{terminal_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
      if (::poll(watched, 2, -1) < 0) {
        if (errno == EINTR) continue;
        return fail(system_error("cannot use the terminal", errno));
      }
      if (watched[1].revents != 0) return fail(ErrorCode::kInterrupted, "interrupted");
      return {};
    }
  }

 private:
  explicit Silence(Fd terminal) : terminal_(std::move(terminal)) {}

  // A supervised verb runs in a process group of its own: a terminal that is its supervisor's is its own to ask at.
  void take_foreground() {
    const pid_t shown = ::tcgetpgrp(terminal_.get());
    if (shown <= 0 || shown == ::getpgrp() || shown != ::getpgid(::getppid())) return;
    if (::tcsetpgrp(terminal_.get(), ::getpgrp()) == 0) foreground_ = shown;
  }

  Fd terminal_, signals_;
  termios before_{};
  sigset_t mask_{};
  pid_t foreground_ = 0;
  bool active_ = false;
};

Result<std::string> read_line(int fd, const std::string& named, const std::function<Result<>()>& wait) {
  std::string out;
  for (char one = 0; out.size() < kMaxPassphrase;) {
    if (wait) REBURST_TRY(wait());
    const ssize_t got = ::read(fd, &one, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read " + named, errno));
    if (got == 0 || one == '\n') return out;
    out += one;
  }
  return fail(ErrorCode::kUsage, named + " is longer than 4096 bytes");
}

std::filesystem::path credential_file(const Session& session) {
  if (session.surroundings.credentials.empty()) return {};
  std::error_code ignored;
  auto file = std::filesystem::path(session.surroundings.credentials) / "reburst.passphrase";
  return fs::exists(file, ignored) ? file : std::filesystem::path();
}

Error no_terminal(std::string_view what) {
  return {ErrorCode::kUsage,
          "\"" + std::string(what) + "\" wants a passphrase, and there is no terminal to ask",
          "give it with --passphrase-fd N, or as the systemd credential reburst.passphrase",
          {}};
}

}  // namespace

Result<std::string> ask_terminal(const std::string& question, std::string_view what, Error no_terminal) {
  Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal.valid()) return fail(std::move(no_terminal));
  const auto silence = REBURST_TRY(Silence::of(std::move(terminal)));
  // Asked when it is silent: whoever answers at once is not shown, and not thrown away.
  (void)write_all(silence.fd(), question + ": ", "the terminal");
  return read_line(silence.fd(), "the " + std::string(what) + " from the terminal", [&] { return silence.wait(); });
}

Result<std::string> read_secret(int fd, std::string_view what, std::string_view from) {
  return read_line(fd, "the " + std::string(what) + " from " + std::string(from), {});
}

signing::AskPassphrase ask_passphrase(const Session& session, const RegistryOptions& options) {
  // A descriptor is read once; every key of the folder is tried with what it gave.
  const auto given = std::make_shared<std::optional<std::string>>();
  return [fd = options.passphrase_fd, credential = credential_file(session),
          given](std::string_view what) -> Result<std::string> {
    if (fd >= 0) {
      if (!*given) *given = REBURST_TRY(read_secret(fd, "passphrase", "descriptor " + std::to_string(fd)));
      return **given;
    }
    if (!credential.empty()) {
      const Fd file = REBURST_TRY(open_read(credential));
      return read_secret(file.get(), "passphrase", "\"" + credential.string() + "\"");
    }
    return ask_terminal("passphrase of " + std::string(what), "passphrase", no_terminal(what));
  };
}

Result<std::string> new_passphrase(const Session& session, const RegistryOptions& options, const std::string& what) {
  auto passphrase = REBURST_TRY(ask_passphrase(session, options)(what));
  if (passphrase.empty()) {
    return fail(ErrorCode::kUsage, "the passphrase of \"" + what + "\" is empty, and would protect nothing",
                "give one, or leave --encrypt and --passphrase-fd out for keys in plain files");
  }
  if (options.passphrase_fd >= 0 || !credential_file(session).empty()) return passphrase;
  const auto again = REBURST_TRY(ask_terminal("the same passphrase again", "passphrase", no_terminal(what)));
  if (again == passphrase) return passphrase;
  return fail(ErrorCode::kUsage, "the two passphrases of \"" + what + "\" differ", "try once more: no key was made");
}

}  // namespace reburst::cli
