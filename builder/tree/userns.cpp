#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string>

#include "builder/tree/tree.hpp"
#include "core/file.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace reburst::tree {
namespace {

// The caller's numbers 1 … kCount inside map to its subordinate range outside: all that Debian's static and dynamic
// system accounts use, nobody (65534) included.
constexpr std::uint64_t kCount = 65535;

// The first range of at least kCount numbers in subuid(5) or subgid(5) for the user.
Result<std::uint64_t> subordinate_range(const char* file, const std::string& user, uid_t uid) {
  const std::string advice = "add the line \"" + user + ":100000:65536\" to " + file + ", or run as root";
  auto text = read_file(file, 16U << 20U);
  if (!text)
    return fail(ErrorCode::kEnvironment,
                std::string("cannot become root in a user namespace: ") + file + " cannot be read", advice);
  for (const std::string_view line : split(*text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() != 3 || (fields[0] != user && fields[0] != std::to_string(uid))) continue;
    const auto start = parse_decimal(fields[1]);
    const auto count = parse_decimal(fields[2]);
    if (start && count && *count >= kCount) return *start;
  }
  return fail(ErrorCode::kEnvironment,
              "cannot become root in a user namespace: " + std::string(file) + " gives \"" + user +
                  "\" no range of 65536 numbers",
              advice);
}

// Runs newuidmap or newgidmap for the process `target`.
Result<> write_map(const char* program, pid_t target, std::uint64_t own, std::uint64_t start) {
  Command command;
  command.argv = {program,
                  std::to_string(target),
                  "0",
                  std::to_string(own),
                  "1",
                  "1",
                  std::to_string(start),
                  std::to_string(kCount)};
  const Exit exit = REBURST_TRY(run(command));
  if (exit.status == 0) return {};
  return fail(ErrorCode::kEnvironment,
              std::string("cannot become root in a user namespace: ") + program + ": " + std::string(trim(exit.error)),
              "see newuidmap(1), or run as root");
}

// The process outside the namespace that writes the maps of `target`; reports through its exit status and `report`.
[[noreturn]] void serve(pid_t target, int wait_for, int report, uid_t uid, gid_t gid, std::uint64_t uids,
                        std::uint64_t gids) {
  char go = 0;
  if (::read(wait_for, &go, 1) != 1) ::_exit(1);
  auto done = write_map("newuidmap", target, uid, uids);
  if (done) done = write_map("newgidmap", target, gid, gids);
  if (!done) (void)write_all(report, done.error().message + "\n" + done.error().hint, "a pipe");
  ::_exit(done ? 0 : 1);
}

Result<std::string> user_name(uid_t uid) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return fail(ErrorCode::kEnvironment,
                "cannot become root in a user namespace: the user " + std::to_string(uid) + " has no name",
                "add it to /etc/passwd, or run as root");
  }
  return std::string(entry.pw_name);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  return text;
}

}  // namespace

Result<> become_root() {
  if (::geteuid() == 0) return {};
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  for (const char* program : {"newuidmap", "newgidmap"}) {
    if (!find_program(program)) {
      return fail(ErrorCode::kEnvironment,
                  std::string("cannot become root in a user namespace: \"") + program + "\" is not installed",
                  "install the package uidmap, or run as root");
    }
  }
  const std::string user = REBURST_TRY(user_name(uid));
  const std::uint64_t uids = REBURST_TRY(subordinate_range("/etc/subuid", user, uid));
  const std::uint64_t gids = REBURST_TRY(subordinate_range("/etc/subgid", user, uid));
  std::array<int, 2> go{};
  std::array<int, 2> report{};
  if (::pipe2(go.data(), O_CLOEXEC) != 0 || ::pipe2(report.data(), O_CLOEXEC) != 0)
    return fail(system_error("cannot make a pipe", errno));
  const Fd go_read(go[0]);
  Fd go_write(go[1]);
  const Fd report_read(report[0]);
  Fd report_write(report[1]);
  const pid_t self = ::getpid();
  const pid_t helper = ::fork();
  if (helper < 0) return fail(system_error("cannot start a process", errno));
  if (helper == 0) {
    go_write.reset();
    serve(self, go_read.get(), report_write.get(), uid, gid, uids, gids);
  }
  report_write.reset();
  const bool unshared = ::unshare(CLONE_NEWUSER) == 0;
  const int number = errno;
  if (unshared) (void)!::write(go_write.get(), "x", 1);
  go_write.reset();
  const std::string told = read_all(report_read.get());
  int status = 0;
  while (::waitpid(helper, &status, 0) < 0 && errno == EINTR) continue;
  if (!unshared) {
    return fail(ErrorCode::kEnvironment,
                "cannot become root in a user namespace: " + system_error("unshare", number).message,
                "allow unprivileged user namespaces (sysctl user.max_user_namespaces, "
                "kernel.unprivileged_userns_clone), or run as root");
  }
  if (status != 0) {
    const auto lines = split(told, '\n');
    return fail(ErrorCode::kEnvironment, std::string(lines[0]),
                lines.size() > 1 ? std::string(lines[1]) : std::string());
  }
  if (::setgid(0) != 0 || ::setgroups(0, nullptr) != 0 || ::setuid(0) != 0)
    return fail(system_error("cannot become root in a user namespace", errno));
  return {};
}

}  // namespace reburst::tree
