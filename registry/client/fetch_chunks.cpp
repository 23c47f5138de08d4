#include "registry/client/fetch_chunks.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>

#include "fetch/deadline.hpp"
#include "fetch/fetcher.hpp"
#include "fetch/http.hpp"
#include "fetch/proxy.hpp"
#include "fetch/uri.hpp"
#include "fetch/workers.hpp"

namespace reburst::client {

namespace {

using Clock = std::chrono::steady_clock;

struct Waiting {
  std::size_t position = 0;  // in `wanted`
  unsigned attempt = 0;
  Clock::time_point due{};
};

std::uint64_t most_bytes(std::span<const chunks::Wanted> wanted) {
  std::uint64_t total = 0;
  for (const auto& one : wanted) total += chunks::frame_bound(one.size);
  return total;
}

// One call of the port: the chunks of `wanted`, each handed to `take` once.
class ChunkFetch {
 public:
  using Take = std::function<Result<>(std::size_t, std::string)>;

  ChunkFetch(const std::string& store, const fetch::Options& options, std::size_t jobs,
             std::span<const chunks::Wanted> wanted, const Take& take)
      : store_(store),
        options_(options),
        deadline_(options, most_bytes(wanted)),
        wanted_(wanted),
        take_(take),
        bodies_(wanted.size()),
        workers_(jobs, [this] { http_.wake(); }) {
    for (std::size_t i = 0; i < wanted.size(); ++i) waiting_.push_back({.position = i});
  }

  Result<> run() {
    attempts_.resize(wanted_.size());
    while (done_ < wanted_.size()) {
      REBURST_TRY(start());
      for (auto& outcome : http_.poll(kPollMilliseconds)) REBURST_TRY(arrived(std::move(outcome)));
      for (auto& [position, result] : workers_.take_finished()) {
        REBURST_TRY(std::move(result));
        --handed_over_;
        ++done_;
      }
    }
    return {};
  }

 private:
  static constexpr int kPollMilliseconds = 100;

  // So many at a time that connections are busy, and so few that memory stays small when threads are slower.
  Result<> start() {
    const auto now = Clock::now();
    while (http_.running() + handed_over_ < 2 * options_.connections && http_.running() < options_.connections) {
      const auto due = std::find_if(waiting_.begin(), waiting_.end(), [&](const auto& one) { return one.due <= now; });
      if (due == waiting_.end()) break;
      const auto next = *due;
      waiting_.erase(due);
      attempts_[next.position] = next.attempt;
      REBURST_TRY(request(next.position));
    }
    return {};
  }

  Result<> request(std::size_t position) {
    auto& body = bodies_[position];
    body.clear();
    const auto address = store_ + "/" + wanted_[position].id.path();
    const auto uri = REBURST_TRY(fetch::parse_uri(address));
    fetch::HttpRequest request{.uri = address,
                               .proxy = fetch::proxy_for(options_.proxy, uri.scheme, uri.host),
                               .stall_seconds = options_.stall_seconds,
                               .min_bytes_per_second = options_.min_bytes_per_second,
                               .most_ms = deadline_.left_ms(),
                               .same_origin = options_.same_origin,
                               .sink = {}};
    request.sink = [&body, address, most = chunks::frame_bound(wanted_[position].size)](
                       std::uint64_t, std::span<const std::byte> bytes) -> Result<> {
      if (body.size() + bytes.size() > most)
        return fail(ErrorCode::kIntegrity, "the chunk \"" + address + "\" is larger than the chunk can be");
      body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    };
    http_.start(position, std::move(request));
    return {};
  }

  Result<> arrived(fetch::HttpOutcome outcome) {
    const auto position = outcome.id;
    using Kind = fetch::HttpOutcome::Kind;
    if (outcome.kind == Kind::kDone) {
      ++handed_over_;
      workers_.add(position, [this, position] { return take_(position, std::move(bodies_[position])); });
      return {};
    }
    const auto attempt = attempts_[position];
    const bool again = attempt < options_.retries;
    const auto pause = fetch::pause_before_retry(options_, attempt, outcome.retry_after_s);
    if (outcome.kind == Kind::kRetry && deadline_.passed_in(again ? pause : pause.zero())) {
      outcome.error = deadline_.too_late(store_ + "/" + wanted_[position].id.path(), outcome);
    } else if (outcome.kind == Kind::kRetry && again) {
      // Before those that were never tried: a server that fails or drips is given up after a few chunks, not after all.
      waiting_.push_front({position, attempt + 1, Clock::now() + pause});
      return {};
    }
    outcome.error.context.push_back("fetching the chunk " + wanted_[position].id.hex());
    return fail(std::move(outcome.error));
  }

  const std::string& store_;
  const fetch::Options& options_;
  const fetch::Deadline deadline_;
  std::span<const chunks::Wanted> wanted_;
  const Take& take_;
  std::vector<std::string> bodies_;  // before the workers: they are ended first
  std::vector<unsigned> attempts_;
  std::deque<Waiting> waiting_;
  std::size_t handed_over_ = 0, done_ = 0;
  fetch::HttpClient http_;
  fetch::Workers workers_;
};

}  // namespace

chunks::Fetch fetch_chunks(std::string store, fetch::Options options, std::size_t jobs) {
  return [store = std::move(store), options = std::move(options), jobs](
             std::span<const chunks::Wanted> wanted,
             const std::function<Result<>(std::size_t, std::string)>& take) -> Result<> {
    return ChunkFetch(store, options, jobs, wanted, take).run();
  };
}

}  // namespace reburst::client
