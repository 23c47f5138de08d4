#include "fetch/fetcher.hpp"

#include <algorithm>
#include <thread>

#include "core/file.hpp"
#include "fetch/deadline.hpp"
#include "fetch/download.hpp"
#include "fetch/http.hpp"
#include "fetch/proxy.hpp"
#include "fetch/uri.hpp"
#include "fetch/workers.hpp"

namespace reburst::fetch {

namespace {

using State = Download::State;
using Clock = Download::Clock;

constexpr std::chrono::milliseconds kBusyPause{100};  // while another process fetches the same file
constexpr std::chrono::milliseconds kLongestPoll{1000};
constexpr std::size_t kMostChecking = 32;  // each holds an open file

Error wrong_size(const std::string& uri, std::uint64_t expected, const std::string& actual) {
  return {ErrorCode::kIntegrity,
          "cannot accept \"" + without_credentials(uri) + "\": wrong size\n  expected " + std::to_string(expected) +
              " bytes\n  actual   " + actual,
          "the mirror is out of step with its index, or was tampered with: try again later, or use another mirror",
          {}};
}

// adopt_blob()'s error, told of the URI instead of the partial file.
Error wrong_digest(const std::string& uri, const Error& error) {
  return {ErrorCode::kIntegrity,
          "cannot accept \"" + without_credentials(uri) + "\": wrong SHA-256" +
              error.message.substr(error.message.find('\n')),
          "the mirror is out of step with its index, or was tampered with: try again later, or use another mirror",
          {}};
}

std::uint64_t total_size(const std::vector<Item>& items) {
  std::uint64_t total = 0;
  for (const auto& item : items) total += item.size;
  return total;
}

class Fetcher {
 public:
  Fetcher(const std::vector<Item>& items, cache::Cache& cache, const Options& options, Progress& progress)
      : cache_(cache),
        options_(options),
        progress_(progress),
        deadline_(options, total_size(items)),
        downloads_(items.size()),
        workers_(std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8), [this] { client_.wake(); }) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      downloads_[i].index = i;
      downloads_[i].item = &items[i];
      if (items[i].uris.empty()) give_up(downloads_[i], no_uri(items[i]));
    }
    open_ = items.size();
  }

  Result<std::vector<fs::path>> run() {
    while (open_ > 0 && !failed_) {
      for (auto& download : downloads_) start_if_due(download);
      for (auto& outcome : client_.poll(poll_ms())) {
        auto& download = downloads_[outcome.id];
        transferred(download, std::move(outcome));
      }
      for (auto& [id, result] : workers_.take_finished()) checked(downloads_[id], std::move(result));
    }
    std::vector<fs::path> blobs;
    for (auto& download : downloads_) {
      if (download.state == State::kFailed) return fail(final_error(download));
      blobs.push_back(std::move(download.blob));
    }
    return blobs;
  }

 private:
  static Error no_uri(const Item& item) {
    return {ErrorCode::kMissing,
            "\"" + item.name + "\" is not in the cache and no configured mirror has it",
            "make a new lock, or configure a mirror that still has this version",
            {}};
  }

  static Error final_error(const Download& download) {
    Error error = download.error.value_or(no_uri(*download.item));
    error.context.push_back("fetching \"" + download.item->name + "\"");
    return error;
  }

  void give_up(Download& download, Error error) {
    download.error = std::move(error);
    download.state = State::kFailed;
    failed_ = true;
  }

  void settle(Download& download) {
    if (download.state == State::kFailed) failed_ = true;
    release(download);
  }

  // Lets go of the partial file (it stays, unless it is empty): of thousands of items only a few hold an open file.
  static void release(Download& download) {
    if (download.partial && download.partial->size() == 0) download.partial->discard();
    download.partial.reset();
  }

  void finish(Download& download, fs::path blob) {
    download.blob = std::move(blob);
    download.state = State::kDone;
    download.partial.reset();
    report(download, download.item->size);
    --open_;
  }

  void report(Download& download, std::uint64_t bytes) {
    if (bytes <= download.reported) return;
    progress_.advance(bytes - download.reported);
    download.reported = bytes;
  }

  int poll_ms() const {
    auto until = Clock::now() + kLongestPoll;
    for (const auto& download : downloads_) {
      if (download.state == State::kWaiting && may_start(download)) until = std::min(until, download.due);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }

  static bool is_local(const Download& download) { return download.item->uris[download.uri].starts_with("file:"); }

  bool may_start(const Download& download) const {
    const bool connection = is_local(download) || client_.running() < std::max<std::size_t>(1, options_.connections);
    return connection && checking_ < kMostChecking;
  }

  void start_if_due(Download& download) {
    if (download.state != State::kWaiting || download.due > Clock::now() || failed_ || !may_start(download)) return;
    const std::string& uri = download.item->uris[download.uri];
    auto parsed = parse_uri(uri);
    if (!parsed) return give_up(download, std::move(parsed).error());
    const bool local = parsed->scheme == "file";
    if (!claim(download)) return;
    if (local) return copy(download, uri, file_path(*parsed));
    if (download.partial->size() >= download.item->size) return check(download);
    transfer(download, uri, *parsed);
  }

  // Holds the partial file from here on. False when the item must wait for another process, or is done by it.
  bool claim(Download& download) {
    auto partial = Partial::open(cache_.partial_path(download.item->sha256));
    if (!partial) {
      give_up(download, std::move(partial).error());
      return false;
    }
    if (!*partial) {
      download.due = Clock::now() + kBusyPause;
      return false;
    }
    auto found = find_cached(*download.item, cache_);
    if (!found) {
      give_up(download, std::move(found).error());
      return false;
    }
    if (*found) {
      (*partial)->discard();
      finish(download, **found);
      return false;
    }
    download.partial = std::move(*partial);
    download.resumed = download.partial->size() > 0;
    return true;
  }

  void transfer(Download& download, const std::string& uri, const Uri& parsed) {
    if (deadline_.passed_in()) return give_up(download, deadline_.too_late(uri));
    download.state = State::kTransferring;
    download.attempt_start = download.partial->size();
    download.resumed = download.attempt_start > 0;
    report(download, download.attempt_start);
    client_.start(download.index, {.uri = uri,
                                   .proxy = proxy_for(options_.proxy, parsed.scheme, parsed.host),
                                   .offset = download.attempt_start,
                                   .stall_seconds = options_.stall_seconds,
                                   .min_bytes_per_second = options_.min_bytes_per_second,
                                   .most_ms = deadline_.left_ms(),
                                   .same_origin = options_.same_origin,
                                   .sink = [this, &download](std::uint64_t at, std::span<const std::byte> bytes) {
                                     return receive(download, at, bytes);
                                   }});
  }

  Result<> receive(Download& download, std::uint64_t at, std::span<const std::byte> bytes) {
    const auto size = download.item->size;
    if (at > size || bytes.size() > size - at) return fail(wrong_size(download.item->uris[download.uri], size, "more"));
    REBURST_TRY(download.partial->write(at, bytes));
    report(download, download.partial->size());
    return {};
  }

  void transferred(Download& download, HttpOutcome outcome) {
    const std::string& uri = download.item->uris[download.uri];
    const auto have = download.partial->size();
    const auto want = download.item->size;
    switch (outcome.kind) {
      case HttpOutcome::Kind::kDone:
        if (have == want) return check(download);
        download.note_failure(wrong_size(uri, want, std::to_string(have) + " bytes"));
        // Without a length the end of the body may be a cut connection.
        outcome.length_known ? reject(download) : again(download, 0, "it ended early");
        break;
      case HttpOutcome::Kind::kRetry:
        download.note_failure(outcome.error);
        again(download, outcome.retry_after_s, outcome.error.message);
        break;
      case HttpOutcome::Kind::kSinkFailed:
        // Anything but what the server sent (a full disk) ends it all.
        if (outcome.error.code != ErrorCode::kIntegrity && outcome.error.code != ErrorCode::kNetwork) {
          return give_up(download, std::move(outcome.error));
        }
        download.note_failure(std::move(outcome.error));
        reject(download);
        break;
      case HttpOutcome::Kind::kMissing:
      case HttpOutcome::Kind::kFailed:
        download.note_failure(std::move(outcome.error));
        outcome.status == 416 ? reject(download) : download.next_uri();
        break;
    }
    settle(download);
  }

  void again(Download& download, unsigned retry_after_s, const std::string& why) {
    if (deadline_.passed_in()) return give_up(download, deadline_.too_late(download.item->uris[download.uri]));
    const auto before = download.uri;
    download.retry_later(options_, retry_after_s);
    if (download.state != State::kWaiting) return;
    progress_.note((download.uri == before ? "retrying \"" : "trying another mirror for \"") + download.item->name +
                   "\": " + why);
  }

  // The bytes so far are of no use. If some were there before this attempt, they may be to blame: once more from the
  // start.
  void reject(Download& download) {
    const bool resumed = std::exchange(download.resumed, false);
    if (auto emptied = download.partial->restart(); !emptied) return give_up(download, std::move(emptied).error());
    if (!resumed) return download.next_uri();
    download.state = State::kWaiting;
    download.due = Clock::now();
  }

  void check(Download& download) {
    download.state = State::kChecking;
    ++checking_;
    workers_.add(download.index, [this, &download]() -> Result<> {
      download.blob = REBURST_TRY(cache_.adopt_blob(download.partial->path(), download.item->sha256));
      return {};
    });
  }

  void copy(Download& download, const std::string& uri, fs::path file) {
    download.state = State::kChecking;
    ++checking_;
    download.resumed = false;
    workers_.add(download.index, [this, &download, uri, file = std::move(file)]() -> Result<> {
      std::error_code error;
      const bool regular = fs::is_regular_file(file, error);
      const auto size = regular ? fs::file_size(file, error) : 0;
      if (!regular || error) {
        return fail(ErrorCode::kMissing, "cannot fetch \"" + uri + "\": there is no such file",
                    "check the mirror's address");
      }
      if (size != download.item->size)
        return fail(wrong_size(uri, download.item->size, std::to_string(size) + " bytes"));
      REBURST_TRY(download.partial->copy_from(file, size));
      download.blob = REBURST_TRY(cache_.adopt_blob(download.partial->path(), download.item->sha256));
      return {};
    });
  }

  void checked(Download& download, Result<> result) {
    --checking_;
    if (result) return finish(download, download.blob);
    Error error = std::move(result).error();
    const bool content = error.code == ErrorCode::kIntegrity;
    if (!content && error.code != ErrorCode::kMissing) return give_up(download, std::move(error));
    const std::string& uri = download.item->uris[download.uri];
    const bool digest = content && error.message.find("SHA-256") != std::string::npos;
    download.note_failure(digest ? wrong_digest(uri, error) : std::move(error));
    reject(download);
    settle(download);
  }

  cache::Cache& cache_;
  const Options& options_;
  Progress& progress_;
  Deadline deadline_;
  std::vector<Download> downloads_;
  std::size_t open_ = 0;
  std::size_t checking_ = 0;
  bool failed_ = false;
  HttpClient client_;
  Workers workers_;  // the last member: its threads end before what they use
};

}  // namespace

std::chrono::milliseconds pause_before_retry(const Options& options, unsigned attempt, unsigned retry_after_s) {
  constexpr std::uint64_t kLongestMs = 10'000;
  const auto doubled = static_cast<std::uint64_t>(options.backoff_ms) << std::min(attempt, 16U);
  return std::chrono::milliseconds(std::min(std::max<std::uint64_t>(doubled, 1000ULL * retry_after_s), kLongestMs));
}

Result<std::vector<fs::path>> fetch_missing(const std::vector<Item>& items, cache::Cache& cache, const Options& options,
                                            Progress& progress) {
  progress.begin(options.stage, total_size(items), Progress::Unit::kBytes);
  Fetcher fetcher(items, cache, options, progress);
  return fetcher.run();
}

}  // namespace reburst::fetch
