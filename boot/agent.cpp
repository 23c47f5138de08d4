#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "boot/agent_protocol.hpp"
#include "boot/files.hpp"

// reburst-agent: runs what the host asks for over the virtio serial port "reburst.test". Only test initrds carry it.
namespace reburst::boot {

namespace {

constexpr const char* kPorts = "/sys/class/virtio-ports";
constexpr std::string_view kPortName = "reburst.test\n";

// What one stream of a command wrote.
struct Capture {
  std::array<char, kMaxOutput> bytes;
  std::size_t size;

  void add(std::string_view more) {
    for (const char each : more) {
      if (size < bytes.size()) bytes[size++] = each;
    }
  }
  [[nodiscard]] std::string_view view() const { return {bytes.data(), size}; }
};

Capture captured_out, captured_error;
std::array<char, kMaxCommand + 1> command;

// The device of the port, once the kernel has it.
bool find_port(Path& device) {
  DIR* folder = ::opendir(kPorts);
  if (folder == nullptr) return false;
  bool found = false;
  while (const dirent* entry = ::readdir(folder)) {
    Path name(kPorts);
    name.add('/').add(entry->d_name).add("/name");
    std::array<char, 64> buffer;
    const auto text = read_small(name.c_str(), buffer);
    if (!text || *text != kPortName) continue;
    device = Path("/dev/");
    device.add(entry->d_name);
    found = true;
  }
  ::closedir(folder);
  return found;
}

Fd open_port() {
  for (;;) {
    Path device;
    if (find_port(device)) {
      if (Fd port(::open(device.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY)); port.valid()) return port;
    }
    pause_milliseconds(100);
  }
}

// Reads exactly `size` bytes. A port without a host at its other end reads as empty: wait for one.
void read_exactly(int port, char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(port, bytes, size);
    if (got > 0) {
      bytes += got;
      size -= static_cast<std::size_t>(got);
    } else {
      pause_milliseconds(100);
    }
  }
}

// A request line; false when it is longer than any request is.
bool read_line(int port, Text<kMaxHeader>& line) {
  for (;;) {
    char each = 0;
    read_exactly(port, &each, 1);
    if (each == '\n') return !line.full();
    line.add(each);
  }
}

struct Child {
  pid_t pid;
  Fd out, error;
};

[[noreturn]] void become_shell(int out, int error) {
  ::setpgid(0, 0);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(out, 1);
  ::dup2(error, 2);
  ::chdir("/");
  char* const arguments[] = {const_cast<char*>("/bin/sh"), const_cast<char*>("-c"), command.data(), nullptr};
  char* const environment[] = {const_cast<char*>("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                               const_cast<char*>("LC_ALL=C.UTF-8"), const_cast<char*>("HOME=/"), nullptr};
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

bool start(Child& child) {
  std::array<int, 2> out{};
  std::array<int, 2> error{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) return false;
  child.out.reset(out[0]);
  const Fd out_write(out[1]);
  if (::pipe2(error.data(), O_CLOEXEC) != 0) return false;
  child.error.reset(error[0]);
  const Fd error_write(error[1]);
  child.pid = ::fork();
  if (child.pid == 0) become_shell(out_write.get(), error_write.get());
  return child.pid > 0;
}

void take(Fd& from, short events, Capture& into) {
  if (!from.valid() || events == 0) return;
  static std::array<char, 65536> buffer;
  const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
  if (got > 0) into.add({buffer.data(), static_cast<std::size_t>(got)});
  if (got == 0 || (got < 0 && errno != EINTR)) from.reset();
}

// Whether the shell has ended, with its status.
bool ended(pid_t pid, unsigned& status) {
  int raw = 0;
  if (::waitpid(pid, &raw, WNOHANG) != pid) return false;
  status = static_cast<unsigned>(WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw));
  return true;
}

// Ends when the shell has ended and its pipes are closed, or one second later (it may have left a daemon that holds
// them), or at the deadline.
unsigned follow(Child& child, std::uint64_t timeout_seconds) {
  std::uint64_t deadline = now_microseconds() + timeout_seconds * 1'000'000;
  unsigned status = kTimeoutStatus;
  bool over = false;
  while (now_microseconds() < deadline) {
    if (!over && ended(child.pid, status)) {
      over = true;
      deadline = now_microseconds() + 1'000'000;
    }
    if (over && !child.out.valid() && !child.error.valid()) break;
    std::array<pollfd, 2> polls = {pollfd{child.out.get(), POLLIN, 0}, pollfd{child.error.get(), POLLIN, 0}};
    (void)::poll(polls.data(), polls.size(), 20);
    take(child.out, polls[0].revents, captured_out);
    take(child.error, polls[1].revents, captured_error);
  }
  if (!over) {
    ::kill(-child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
  }
  return status;
}

void answer(int port, unsigned status) {
  (void)write_all(port, exit_line(status, captured_out.size, captured_error.size));
  (void)write_all(port, captured_out.view());
  (void)write_all(port, captured_error.view());
}

void serve(int port) {
  Text<kMaxHeader> line;
  RunRequest request;
  if (!read_line(port, line) || !parse_run(line, request)) {
    (void)write_all(port, "ERROR not a request\n");
    return;
  }
  read_exactly(port, command.data(), request.length);
  command[request.length] = '\0';
  captured_out.size = captured_error.size = 0;
  Child child{};
  unsigned status = 127;
  if (start(child)) {
    status = follow(child, request.timeout_seconds);
  } else {
    captured_error.add("reburst-agent: cannot start /bin/sh");
  }
  answer(port, status);
}

}  // namespace

}  // namespace reburst::boot

int main() {
  const reburst::boot::Fd port = reburst::boot::open_port();
  ::signal(SIGPIPE, SIG_IGN);
  for (;;) reburst::boot::serve(port.get());
}
