#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/progress.hpp"

namespace reburst::cli {

// How long a stage took, in the order the stages began; a stage that came twice counts together.
struct StageTime {
  std::string stage;
  double seconds = 0;
};

// Progress on stderr. On a terminal: one line that is redrawn (bar, rate, time left). Elsewhere: a plain line at a
// stage's start when it lasts over a second, and every ten seconds. With `quiet`: warnings only. Thread-safe.
class TerminalProgress final : public Progress {
 public:
  TerminalProgress(bool quiet, bool terminal);
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;
  TerminalProgress(TerminalProgress&&) = delete;
  TerminalProgress& operator=(TerminalProgress&&) = delete;
  ~TerminalProgress() override;

  void begin(std::string_view stage, std::uint64_t total, Unit unit) override;
  void advance(std::uint64_t by) override;
  void note(std::string_view line) override;

  // Ends the last stage and clears the line. Stages that took no measurable time are left out.
  [[nodiscard]] std::vector<StageTime> finish();

 private:
  using Clock = std::chrono::steady_clock;
  void end_stage(Clock::time_point now);
  void draw(Clock::time_point now);
  void clear_line();
  [[nodiscard]] std::string status(Clock::time_point now) const;

  const bool quiet_;
  const bool terminal_;
  std::mutex mutex_;
  std::string stage_;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  Unit unit_ = Unit::kItems;
  Clock::time_point stage_start_;
  Clock::time_point last_draw_;
  bool line_shown_ = false;
  std::vector<StageTime> times_;
};

// "\033[1m…" around `text` when stdout is a terminal and NO_COLOR is unset (`colour`), else `text`.
[[nodiscard]] std::string bold(std::string_view text, bool colour);

}  // namespace reburst::cli
