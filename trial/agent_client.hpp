#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/handle.hpp"
#include "core/result.hpp"
#include "trial/http_probe.hpp"
#include "trial/judge.hpp"

namespace reburst::trial {

// The line "EXIT <status> <stdout length> <stderr length>" (docs/formats/test-agent.md), without its newline.
struct ExitLine {
  int status = 0;
  std::size_t out = 0, error = 0;
};
[[nodiscard]] std::optional<ExitLine> parse_exit_line(std::string_view line);

// The host's end of the port "reburst.test". The guest is not trusted: what it says is bounded.
class AgentClient {
 public:
  explicit AgentClient(Fd socket) : fd_(std::move(socket)) {}

  // Runs `command` in the guest; kTest when the agent does not answer before the deadline, or not as it should.
  [[nodiscard]] Result<CommandOutcome> run(const std::string& command, unsigned timeout_seconds,
                                           Clock::time_point deadline);

 private:
  [[nodiscard]] Result<std::string> read_line(Clock::time_point deadline);
  [[nodiscard]] Result<std::string> read_bytes(std::size_t count, Clock::time_point deadline);
  [[nodiscard]] Result<> fill(Clock::time_point deadline);

  Fd fd_;
  std::string pending_;
};

}  // namespace reburst::trial
