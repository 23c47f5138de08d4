#include "trial/http_probe.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "core/handle.hpp"

namespace reburst::trial {
namespace {

using std::chrono::milliseconds;

// Answers one connection with `answer`; tells what was asked.
class OneShotServer {
 public:
  explicit OneShotServer(std::string answer) : port(free_port().value()), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    thread_ = std::thread([this, answer = std::move(answer)] {
      const Fd peer(::accept(listener_.get(), nullptr, nullptr));
      std::array<char, 4096> buffer{};
      const ssize_t got = ::recv(peer.get(), buffer.data(), buffer.size(), 0);
      if (got > 0) asked.assign(buffer.data(), static_cast<std::size_t>(got));
      (void)!::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    });
  }
  void join() { thread_.join(); }

  const std::uint16_t port;
  std::string asked;

 private:
  Fd listener_;
  std::thread thread_;
};

TEST(HttpProbe, ReadsAStatusLine) {
  EXPECT_EQ(parse_status_line("HTTP/1.1 200 OK\r\n"), 200);
  EXPECT_EQ(parse_status_line("HTTP/1.0 404\r\n"), 404);
  for (const char* bad : {"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000 OK", "HTTP/1.1 abc", "HTTP/2 200 OK",
                          "SSH-2.0-OpenSSH_9.2", "HTTP/1.1 099 x", "HTTP/1.1  200 OK"}) {
    EXPECT_EQ(parse_status_line(bad), std::nullopt) << bad;
  }
}

TEST(HttpProbe, AsksForThePath) {
  OneShotServer server("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  EXPECT_EQ(http_get(server.port, "/health?x=1", Clock::now() + std::chrono::seconds(5)), 503);
  server.join();
  EXPECT_TRUE(server.asked.starts_with("GET /health?x=1 HTTP/1.1\r\nHost: localhost\r\n")) << server.asked;
}

TEST(HttpProbe, AnAnswerThatIsNoHttpIsNone) {
  OneShotServer server("nonsense that goes on\r\n");
  EXPECT_EQ(http_get(server.port, "/", Clock::now() + std::chrono::seconds(5)), 0);
  server.join();
}

TEST(HttpProbe, NobodyThereIsNoAnswer) {
  EXPECT_EQ(http_get(free_port().value(), "/", Clock::now() + std::chrono::seconds(1)), 0);
}

TEST(HttpProbe, SilenceEndsAtTheDeadline) {
  const Fd silent(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent.get(), 1), 0);
  ASSERT_EQ(::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_EQ(http_get(ntohs(address.sin_port), "/", Clock::now() + milliseconds(300)), 0);
}

}  // namespace
}  // namespace reburst::trial
