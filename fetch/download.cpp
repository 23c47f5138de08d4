#include "fetch/download.hpp"

#include "fetch/fetcher.hpp"

namespace reburst::fetch {

namespace {

constexpr std::uint64_t kRealProgress = 1U << 20U;

int weight(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMissing: return 0;
    case ErrorCode::kNetwork: return 1;
    case ErrorCode::kIntegrity: return 2;
    default: return 3;
  }
}

}  // namespace

void Download::note_failure(Error failure) {
  if (!error || weight(failure.code) > weight(error->code)) error = std::move(failure);
}

void Download::retry_later(const Options& options, unsigned retry_after_s) {
  // A flaky line that still brings data is not given up.
  if (partial && partial->size() >= attempt_start + kRealProgress) attempt = 0;
  if (attempt >= options.retries) return next_uri();
  due = Clock::now() + pause_before_retry(options, attempt, retry_after_s);
  ++attempt;
  state = State::kWaiting;
}

void Download::next_uri() {
  attempt = 0;
  ++uri;
  state = uri < item->uris.size() ? State::kWaiting : State::kFailed;
  due = Clock::now();
}

}  // namespace reburst::fetch
