#include "trial/http_probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/handle.hpp"

namespace reburst::trial {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool wait_for(int fd, short events, Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if (left <= 0) return false;
  pollfd state{fd, events, 0};
  return ::poll(&state, 1, static_cast<int>(std::min<long long>(left, 60'000))) == 1;
}

bool connect_to(int fd, std::uint16_t port, Clock::time_point deadline) {
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, deadline)) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

}  // namespace

std::optional<int> parse_status_line(std::string_view answer) {
  if (!answer.starts_with("HTTP/1.") || answer.size() < 12 || answer[8] != ' ') return std::nullopt;
  int status = 0;
  for (const char digit : answer.substr(9, 3)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    status = status * 10 + (digit - '0');
  }
  const bool ends = answer.size() == 12 || answer[12] == ' ' || answer[12] == '\r';
  return ends && status >= 100 ? std::optional(status) : std::nullopt;
}

int http_get(std::uint16_t port, const std::string& path, Clock::time_point deadline) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || !connect_to(fd.get(), port, deadline)) return 0;
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: reburst-test\r\nConnection: close\r\n\r\n";
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) return 0;
  std::string answer;
  std::array<char, 512> buffer{};
  while (answer.size() < 13 && wait_for(fd.get(), POLLIN, deadline)) {
    const ssize_t got = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return parse_status_line(answer).value_or(0);
}

Result<std::uint16_t> free_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (!fd.valid() || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return fail(system_error("cannot find a free port of the loopback interface", errno));
  }
  return ntohs(address.sin_port);
}

}  // namespace reburst::trial
