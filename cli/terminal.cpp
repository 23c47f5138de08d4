#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/progress_line.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kPlainLine = std::chrono::seconds(10);

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

// Of the terminal that stderr is; asked anew each time, as windows change. 0 when it does not say.
std::size_t columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

TerminalProgress::TerminalProgress(bool quiet, bool terminal) : quiet_(quiet), terminal_(terminal) {}

TerminalProgress::~TerminalProgress() {
  const std::lock_guard lock(mutex_);
  clear_line();
}

void TerminalProgress::begin(std::string_view stage, std::uint64_t total, Unit unit) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  end_stage(now);
  stage_ = stage;
  total_ = total;
  done_ = 0;
  unit_ = unit;
  stage_start_ = now;
  last_draw_ = terminal_ ? Clock::time_point() : now;
  draw(now);
}

void TerminalProgress::advance(std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  done_ += by;
  draw(Clock::now());
}

void TerminalProgress::note(std::string_view line) {
  const std::lock_guard lock(mutex_);
  clear_line();
  // A warning is told even with --quiet: it is not progress.
  if (quiet_ && !line.starts_with("warning")) return;
  std::fprintf(stderr, "%s\n", printable(line).c_str());  // what it quotes may be hostile
}

std::vector<StageTime> TerminalProgress::finish() {
  const std::lock_guard lock(mutex_);
  end_stage(Clock::now());
  clear_line();
  return times_;
}

void TerminalProgress::end_stage(Clock::time_point now) {
  if (stage_.empty()) return;
  const auto found =
      std::find_if(times_.begin(), times_.end(), [&](const StageTime& time) { return time.stage == stage_; });
  const double took = seconds(now - stage_start_);
  if (found != times_.end()) {
    found->seconds += took;
  } else {
    times_.push_back({stage_, took});
  }
  stage_.clear();
}

void TerminalProgress::draw(Clock::time_point now) {
  if (quiet_ || now - last_draw_ < (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kPlainLine))) return;
  last_draw_ = now;
  if (!terminal_) {
    std::fprintf(stderr, "%s\n", status(now).c_str());
    return;
  }
  std::fprintf(stderr, "\r\033[K%s", status(now).c_str());
  std::fflush(stderr);
  line_shown_ = true;
}

void TerminalProgress::clear_line() {
  if (!line_shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  line_shown_ = false;
}

std::string TerminalProgress::status(Clock::time_point now) const {
  return progress_line({stage_, done_, total_, unit_, seconds(now - stage_start_)}, terminal_ ? columns() : 0);
}

std::string bold(std::string_view text, bool colour) {
  return colour ? "\033[1m" + std::string(text) + "\033[0m" : std::string(text);
}

}  // namespace reburst::cli
