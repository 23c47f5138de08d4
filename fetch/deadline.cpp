#include "fetch/deadline.hpp"

#include <algorithm>

#include "fetch/uri.hpp"

namespace reburst::fetch {

namespace {

constexpr std::uint64_t kLongestSeconds = 365ULL * 86400;  // whatever somebody says that a file's size is

}  // namespace

Deadline::Deadline(const Options& options, std::uint64_t bytes) {
  const bool any_pace = bytes != 0 && options.min_bytes_per_second == 0;
  if (options.deadline_seconds == 0 || any_pace) return;
  const std::uint64_t for_bytes = bytes == 0 ? 0 : bytes / options.min_bytes_per_second;
  length_ = std::chrono::seconds(options.deadline_seconds + std::min(for_bytes, kLongestSeconds));
  end_ = Clock::now() + length_;
}

bool Deadline::passed_in(std::chrono::milliseconds pause) const {
  return end_ && Clock::now() + pause >= *end_;
}

std::uint64_t Deadline::left_ms() const {
  if (!end_) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end_ - Clock::now());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(1, left.count()));
}

Error Deadline::too_late(const std::string& uri) const {
  return {ErrorCode::kNetwork,
          "cannot fetch \"" + without_credentials(uri) + "\": it was not done within " +
              std::to_string(length_.count()) + " s",
          "the mirror is slow, or holds this machine up on purpose: try again later, or use another mirror",
          {}};
}

Error Deadline::too_late(const std::string& uri, const HttpOutcome& last) const {
  auto out = too_late(uri);
  if (last.status < 400) return out;
  const auto answer = last.error.message.find("HTTP status");
  if (answer != std::string::npos) out.message += "\n  the last answer: " + last.error.message.substr(answer);
  out.hint = last.error.hint;
  return out;
}

}  // namespace reburst::fetch
