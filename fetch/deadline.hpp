#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "fetch/fetch.hpp"
#include "fetch/http.hpp"

namespace reburst::fetch {

// When something has to be done that begins now, retries and pauses included: after options.deadline_seconds and what
// `bytes` take at options.min_bytes_per_second. None when either says so.
class Deadline {
 public:
  explicit Deadline(const Options& options, std::uint64_t bytes = 0);

  // Whether it will have passed in so long.
  [[nodiscard]] bool passed_in(std::chrono::milliseconds pause = {}) const;
  // As HttpRequest takes it: 0 without a deadline, and never 0 with one.
  [[nodiscard]] std::uint64_t left_ms() const;
  // kNetwork: what was not done in time.
  [[nodiscard]] Error too_late(const std::string& uri) const;
  // The same after retries: with what the server answered last, if it did.
  [[nodiscard]] Error too_late(const std::string& uri, const HttpOutcome& last) const;

 private:
  using Clock = std::chrono::steady_clock;
  std::chrono::seconds length_{};
  std::optional<Clock::time_point> end_;
};

}  // namespace reburst::fetch
