#include "cli/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/text.hpp"

namespace reburst::cli {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kPlainLine = std::chrono::seconds(10);
constexpr std::size_t kBarWidth = 24;

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

std::string bar(double fraction) {
  const auto full = static_cast<std::size_t>(fraction * static_cast<double>(kBarWidth));
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, ' ') + "]";
}

std::string time_left(double left) {
  const auto whole = std::lround(left);
  if (whole < 60) return std::to_string(whole) + " s left";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s left";
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
  std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
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
  std::string out = stage_;
  out.resize(std::max<std::size_t>(out.size() + 1, 12), ' ');
  const auto amount = [&](std::uint64_t value) {
    return unit_ == Unit::kBytes ? human_size(value) : std::to_string(value);
  };
  if (total_ == 0) return done_ == 0 ? out + "…" : out + amount(done_);
  const double fraction = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  out += bar(fraction) + " " + amount(done_) + " of " + amount(total_);
  const double took = seconds(now - stage_start_);
  if (took < 1 || done_ == 0) return out;
  if (unit_ == Unit::kBytes)
    out += "  " + human_size(static_cast<std::uint64_t>(static_cast<double>(done_) / took)) + "/s";
  return out + "  " + time_left(took * (1 - fraction) / fraction);
}

std::string bold(std::string_view text, bool colour) {
  return colour ? "\033[1m" + std::string(text) + "\033[0m" : std::string(text);
}

}  // namespace reburst::cli
