#include "trial/agent_client.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

namespace reburst::trial {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The guest's end of the port, played by the test.
struct Port {
  Port() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    client = std::make_unique<AgentClient>(Fd(ends[0]));
    guest.reset(ends[1]);
  }
  void say(std::string_view text) {
    EXPECT_EQ(::write(guest.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  std::string heard() {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(guest.get(), buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
  }
  Result<CommandOutcome> run(milliseconds limit = seconds(5)) {
    return client->run("echo hi", 7, Clock::now() + limit);
  }

  std::unique_ptr<AgentClient> client;
  Fd guest;
};

TEST(AgentClient, ReadsAnExitLine) {
  const auto line = parse_exit_line("EXIT 127 5 1048576");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->status, 127);
  EXPECT_EQ(line->out, 5U);
  EXPECT_EQ(line->error, 1048576U);
  for (const char* bad : {"", "EXIT", "EXIT 0 0", "EXIT 0 0 0 0", "exit 0 0 0", "EXIT 256 0 0", "EXIT -1 0 0",
                          "EXIT 0 1048577 0", "EXIT 0 0 1048577", "EXIT 0  0 0", "ERROR not a request"}) {
    EXPECT_FALSE(parse_exit_line(bad)) << bad;
  }
}

TEST(AgentClient, AsksAndReadsBothStreams) {
  Port port;
  port.say("EXIT 3 6 5\nhello\noops\n");
  const auto found = port.run();
  ASSERT_TRUE(found) << found.error().render();
  EXPECT_EQ(port.heard(), "RUN 7 7\necho hi");
  EXPECT_EQ(found->status, 3);
  EXPECT_EQ(found->out, "hello\n");
  EXPECT_EQ(found->error, "oops\n");
}

TEST(AgentClient, TwoAnswersDoNotMix) {
  Port port;
  port.say("EXIT 0 2 0\naaEXIT 1 0 2\nbb");
  EXPECT_EQ(port.run()->out, "aa");
  EXPECT_EQ(port.run()->error, "bb");
}

TEST(AgentClient, SilenceEndsAtTheDeadline) {
  Port port;
  const auto found = port.run(milliseconds(100));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kTest);
  EXPECT_EQ(found.error().message, "the test agent in the guest did not answer in time");
}

TEST(AgentClient, AQemuThatEndedIsNoticed) {
  Port port;
  port.guest.reset();
  const auto found = port.run();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "the test agent in the guest is gone: QEMU ended");
}

TEST(AgentClient, AHostileGuestIsRefused) {
  for (const std::string& answer :
       {std::string("ERROR not a request\n"), std::string(1000, 'x'), std::string("EXIT 0 99999999 0\n")}) {
    Port port;
    port.say(answer);
    EXPECT_FALSE(port.run()) << answer;
  }
}

TEST(AgentClient, RefusesACommandThatIsTooLong) {
  Port port;
  EXPECT_FALSE(port.client->run("", 1, Clock::now() + seconds(1)));
  EXPECT_FALSE(port.client->run(std::string(65537, 'x'), 1, Clock::now() + seconds(1)));
}

}  // namespace
}  // namespace reburst::trial
