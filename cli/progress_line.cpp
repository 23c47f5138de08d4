#include "cli/progress_line.hpp"

#include <algorithm>
#include <cmath>

#include "core/text.hpp"

namespace reburst::cli {

namespace {

constexpr std::size_t kStageWidth = 12;
constexpr std::size_t kBarWidth = 24, kShortestBar = 6;
constexpr std::size_t kBarFrame = 3;  // "[" and "] "

std::string bar(double fraction, std::size_t width) {
  const auto full = static_cast<std::size_t>(fraction * static_cast<double>(width));
  return "[" + std::string(full, '#') + std::string(width - full, ' ') + "] ";
}

std::string time_left(double left) {
  const auto whole = std::lround(left);
  if (whole < 60) return std::to_string(whole) + " s left";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s left";
}

std::string amount(const StageStatus& status, std::uint64_t value) {
  return status.unit == Progress::Unit::kBytes ? human_size(value) : std::to_string(value);
}

std::string figures(const StageStatus& status, double fraction) {
  std::string out = amount(status, status.done) + " of " + amount(status, status.total);
  if (status.seconds < 1 || status.done == 0) return out;
  if (status.unit == Progress::Unit::kBytes)
    out += "  " + human_size(static_cast<std::uint64_t>(static_cast<double>(status.done) / status.seconds)) + "/s";
  return out + "  " + time_left(status.seconds * (1 - fraction) / fraction);
}

}  // namespace

std::string progress_line(const StageStatus& status, std::size_t columns) {
  std::string out = status.stage;
  out.resize(std::max(out.size() + 1, kStageWidth), ' ');
  if (status.total == 0) return out + (status.done == 0 ? "…" : amount(status, status.done));
  const double fraction = std::min(1.0, static_cast<double>(status.done) / static_cast<double>(status.total));
  const auto text = figures(status, fraction);
  // The last column stays free: some terminals wrap as soon as it is written.
  const std::size_t room = columns == 0 ? std::string::npos : columns - 1;
  const std::size_t taken = out.size() + text.size() + kBarFrame;
  const std::size_t width = taken < room ? std::min(kBarWidth, room - taken) : 0;
  if (width >= kShortestBar) out += bar(fraction, width);
  out += text;
  if (out.size() > room) out.resize(room);
  return out;
}

}  // namespace reburst::cli
