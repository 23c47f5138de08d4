#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::trial {

using Clock = std::chrono::steady_clock;

// The status in the first line of an HTTP/1 answer ("HTTP/1.1 200 OK"), or nothing.
[[nodiscard]] std::optional<int> parse_status_line(std::string_view answer);

// One plain GET to 127.0.0.1; 0 when there is no answer before the deadline.
[[nodiscard]] int http_get(std::uint16_t port, const std::string& path, Clock::time_point deadline);

// A port of the loopback interface that nothing listens on.
[[nodiscard]] Result<std::uint16_t> free_port();

}  // namespace reburst::trial
