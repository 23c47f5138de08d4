#include "boot/agent_protocol.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reburst::boot {
namespace {

TEST(AgentProtocol, ReadsARequest) {
  RunRequest request;
  ASSERT_TRUE(parse_run("RUN 60 1234", request));
  EXPECT_EQ(request.timeout_seconds, 60U);
  EXPECT_EQ(request.length, 1234U);
  EXPECT_TRUE(parse_run("RUN 3600 65536", request));
}

TEST(AgentProtocol, RefusesWhatIsNoRequest) {
  const std::vector<std::string_view> bad = {
      "",           "RUN",         "RUN 1",    "RUN  1 1",  "RUN 1 1 ",
      "RUN 1 1\r",  "run 1 1",     "RUN 0 1",  "RUN 1 0",   "RUN -1 1",
      "RUN 3601 1", "RUN 1 65537", "RUN 1 +1", "RUN 1 0x1", "RUN 1 99999999999999",
      " RUN 1 1",   "RUN 1 1 1"};
  RunRequest request;
  for (const auto line : bad) EXPECT_FALSE(parse_run(line, request)) << line;
}

TEST(AgentProtocol, WritesAnAnswer) {
  EXPECT_EQ(exit_line(0, 5, 0).view(), "EXIT 0 5 0\n");
  EXPECT_EQ(exit_line(255, kMaxOutput, kMaxOutput).view(), "EXIT 255 1048576 1048576\n");
}

}  // namespace
}  // namespace reburst::boot
