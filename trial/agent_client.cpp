#include "trial/agent_client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "core/text.hpp"

namespace reburst::trial {

namespace {

constexpr std::size_t kMaxLine = 64;
constexpr std::size_t kMaxOutput = 1U << 20U;
constexpr std::size_t kMaxCommand = 64U << 10U;

tl::unexpected<Error> no_answer(const std::string& why) {
  return fail(ErrorCode::kTest, "the test agent in the guest " + why, "the console says how far the guest came");
}

}  // namespace

std::optional<ExitLine> parse_exit_line(std::string_view line) {
  const auto words = split(line, ' ');
  if (words.size() != 4 || words[0] != "EXIT") return std::nullopt;
  const auto status = parse_decimal(words[1]);
  const auto out = parse_decimal(words[2]);
  const auto error = parse_decimal(words[3]);
  if (!status || !out || !error || *status > 255 || *out > kMaxOutput || *error > kMaxOutput) return std::nullopt;
  return ExitLine{static_cast<int>(*status), *out, *error};
}

Result<> AgentClient::fill(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd state{fd_.get(), POLLIN, 0};
  if (left <= 0 || ::poll(&state, 1, static_cast<int>(std::min<long long>(left, 3'600'000))) == 0) {
    return no_answer("did not answer in time");
  }
  std::array<char, 65536> buffer{};
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EINTR) return {};
  if (got <= 0) return no_answer("is gone: QEMU ended");
  pending_.append(buffer.data(), static_cast<std::size_t>(got));
  return {};
}

Result<std::string> AgentClient::read_line(Clock::time_point deadline) {
  for (;;) {
    const std::size_t end = pending_.find('\n');
    if (end == std::string::npos && pending_.size() < kMaxLine) {
      REBURST_TRY(fill(deadline));
      continue;
    }
    if (end == std::string::npos || end > kMaxLine) return no_answer("sent a line without an end");
    std::string line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    return line;
  }
}

Result<std::string> AgentClient::read_bytes(std::size_t count, Clock::time_point deadline) {
  while (pending_.size() < count) REBURST_TRY(fill(deadline));
  std::string bytes = pending_.substr(0, count);
  pending_.erase(0, count);
  return bytes;
}

Result<CommandOutcome> AgentClient::run(const std::string& command, unsigned timeout_seconds,
                                        Clock::time_point deadline) {
  if (command.empty() || command.size() > kMaxCommand) {
    return fail(ErrorCode::kRecipe, "a test's command must have between 1 and 65536 bytes");
  }
  const std::string request = "RUN " + std::to_string(std::clamp(timeout_seconds, 1U, 3600U)) + " " +
                              std::to_string(command.size()) + "\n" + command;
  std::string_view rest = request;
  while (!rest.empty()) {
    const ssize_t put = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return no_answer("is gone: QEMU ended");
    rest.remove_prefix(static_cast<std::size_t>(put));
  }
  const std::string line = REBURST_TRY(read_line(deadline));
  const auto header = parse_exit_line(line);
  if (!header) return no_answer("answered \"" + line.substr(0, kMaxLine) + "\"");
  std::string out = REBURST_TRY(read_bytes(header->out, deadline));
  std::string error = REBURST_TRY(read_bytes(header->error, deadline));
  return CommandOutcome{header->status, std::move(out), std::move(error)};
}

}  // namespace reburst::trial
