#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fetch/fetch.hpp"
#include "fetch/http.hpp"
#include "fetch/partial.hpp"

namespace reburst::fetch {

// One item on its way into the cache: which URI is tried, how often, and what went wrong so far.
struct Download {
  using Clock = std::chrono::steady_clock;

  enum class State { kWaiting, kTransferring, kChecking, kDone, kFailed };

  std::size_t index = 0;
  const Item* item = nullptr;
  State state = State::kWaiting;
  Clock::time_point due{};  // when kWaiting: not before
  std::size_t uri = 0;      // position in item->uris
  unsigned attempt = 0;     // of this URI
  std::uint64_t attempt_start = 0;
  bool resumed = false;  // the partial file holds bytes of an earlier attempt
  std::optional<Partial> partial;
  std::uint64_t reported = 0;  // bytes told to Progress
  std::optional<Error> error;  // the most telling one so far
  std::filesystem::path blob;

  // Remembers `failure` if it tells more than what is known: wrong content before a server's refusal before absence.
  void note_failure(Error failure);
  // Another attempt of the same URI after a pause, or the next URI, or the end.
  void retry_later(const Options& options, unsigned retry_after_s);
  void next_uri();
};

}  // namespace reburst::fetch
