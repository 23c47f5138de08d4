#include <fcntl.h>
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

}  // namespace

Result<std::string> ask_terminal(const std::string& question, std::string_view what, Error no_terminal) {
  const Fd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal.valid()) return fail(std::move(no_terminal));
  termios before{};
  if (::tcgetattr(terminal.get(), &before) != 0) return fail(system_error("cannot use the terminal", errno));
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  if (::tcsetattr(terminal.get(), TCSAFLUSH, &silent) != 0) return fail(system_error("cannot use the terminal", errno));
  // Asked when it is silent: whoever answers at once is not shown, and not thrown away.
  (void)write_all(terminal.get(), question + ": ", "the terminal");
  auto line = read_secret(terminal.get(), what, "the terminal");
  (void)::tcsetattr(terminal.get(), TCSAFLUSH, &before);
  (void)write_all(terminal.get(), "\n", "the terminal");
  return line;
}

Result<std::string> read_secret(int fd, std::string_view what, std::string_view from) {
  const auto named = "the " + std::string(what) + " from " + std::string(from);
  std::string out;
  for (char one = 0; out.size() < kMaxPassphrase;) {
    const ssize_t got = ::read(fd, &one, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error("cannot read " + named, errno));
    if (got == 0 || one == '\n') return out;
    out += one;
  }
  return fail(ErrorCode::kUsage, named + " is longer than 4096 bytes");
}

signing::AskPassphrase ask_passphrase(const Session& session, const RegistryOptions& options) {
  const auto credential = session.surroundings.credentials.empty()
                              ? std::filesystem::path()
                              : std::filesystem::path(session.surroundings.credentials) / "reburst.passphrase";
  // A descriptor is read once; every key of the folder is tried with what it gave.
  const auto given = std::make_shared<std::optional<std::string>>();
  return [fd = options.passphrase_fd, credential, given](std::string_view what) -> Result<std::string> {
    if (fd >= 0) {
      if (!*given) *given = REBURST_TRY(read_secret(fd, "passphrase", "descriptor " + std::to_string(fd)));
      return **given;
    }
    std::error_code ignored;
    if (!credential.empty() && fs::exists(credential, ignored))
      return std::string(trim(REBURST_TRY(read_file(credential, kMaxPassphrase))));
    return ask_terminal("passphrase of " + std::string(what), "passphrase",
                        {ErrorCode::kUsage,
                         "\"" + std::string(what) + "\" wants a passphrase, and there is no terminal to ask",
                         "give it with --passphrase-fd N, or as the systemd credential reburst.passphrase",
                         {}});
  };
}

}  // namespace reburst::cli
