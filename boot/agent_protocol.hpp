#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "boot/text.hpp"

namespace reburst::boot {

// docs/formats/test-agent.md: one line that asks, one that answers, each followed by as many bytes as it says.
inline constexpr std::size_t kMaxCommand = 64U << 10U;
inline constexpr std::size_t kMaxOutput = 1U << 20U;  // of each stream; what is beyond is dropped
inline constexpr std::size_t kMaxHeader = 64;
inline constexpr std::uint64_t kMaxTimeout = 3600;
inline constexpr unsigned kTimeoutStatus = 124;  // as timeout(1) has it

struct RunRequest {
  std::uint64_t timeout_seconds = 0;
  std::size_t length = 0;
};

// The line without its newline: "RUN <timeout seconds> <length>". False for anything else, and for numbers out of
// range.
[[nodiscard]] bool parse_run(std::string_view line, RunRequest& request);

// "EXIT <status> <stdout length> <stderr length>\n".
[[nodiscard]] Text<kMaxHeader> exit_line(unsigned status, std::size_t out, std::size_t error);

}  // namespace reburst::boot
