#include "fetch/fetch.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "core/file.hpp"
#include "fetch/deadline.hpp"
#include "fetch/fetcher.hpp"
#include "fetch/http.hpp"
#include "fetch/proxy.hpp"
#include "fetch/uri.hpp"

namespace reburst::fetch {

namespace {

constexpr std::size_t kNamesShown = 10;

bool is_local(const std::string& uri) {
  const auto parsed = parse_uri(uri);
  return parsed && parsed->scheme == "file";
}

Error too_large(const std::string& uri, std::uint64_t max_bytes) {
  return {
      ErrorCode::kIntegrity,
      "cannot accept \"" + without_credentials(uri) + "\": it is larger than " + std::to_string(max_bytes) + " bytes",
      "the address serves something else: check it, or use another mirror",
      {}};
}

Result<std::string> get_file(const std::string& uri, const Uri& parsed, std::uint64_t max_bytes) {
  auto content = read_file(file_path(parsed), max_bytes);
  if (!content && content.error().code == ErrorCode::kIntegrity) return fail(too_large(uri, max_bytes));
  if (!content && content.error().code == ErrorCode::kMissing)
    content.error().hint = "check the mirror's address and the suite";
  return content;
}

// One attempt. The outcome's error is a network matter or the sink's.
HttpOutcome get_once(HttpClient& client, const std::string& uri, const std::string& proxy, std::uint64_t max_bytes,
                     const Options& options, const Deadline& deadline, std::string& body) {
  body.clear();
  client.start(0, {.uri = uri,
                   .proxy = proxy,
                   .offset = 0,
                   .stall_seconds = options.stall_seconds,
                   .min_bytes_per_second = options.min_bytes_per_second,
                   .most_ms = deadline.left_ms(),
                   .same_origin = options.same_origin,
                   .sink = [&](std::uint64_t /*at*/, std::span<const std::byte> bytes) -> Result<> {
                     if (bytes.size() > max_bytes - body.size()) return fail(too_large(uri, max_bytes));
                     body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
                     return {};
                   }});
  for (;;) {
    auto outcomes = client.poll(1000);
    if (!outcomes.empty()) return std::move(outcomes.front());
  }
}

// What --offline cannot bring; each named once, the first few of them.
Error missing_offline(const std::vector<std::string>& names, std::size_t of) {
  Error error{ErrorCode::kMissing,
              std::to_string(names.size()) + " of " + std::to_string(of) +
                  " files are not in the cache, and --offline forbids fetching them",
              "run the same command once without --offline",
              {}};
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) error.message += "\n  " + names[i];
  if (names.size() > kNamesShown) error.message += "\n  and " + std::to_string(names.size() - kNamesShown) + " more";
  return error;
}

}  // namespace

Result<std::string> get(const std::string& uri, std::uint64_t max_bytes, const Options& options) {
  const Uri parsed = REBURST_TRY(parse_uri(uri));
  if (parsed.scheme == "file") return get_file(uri, parsed, max_bytes);
  if (options.offline) return fail(missing_offline({without_credentials(uri)}, 1));
  HttpClient client;
  const std::string proxy = proxy_for(options.proxy, parsed.scheme, parsed.host);
  const Deadline deadline(options);
  std::string body;
  for (unsigned attempt = 0;; ++attempt) {
    auto outcome = get_once(client, uri, proxy, max_bytes, options, deadline, body);
    if (outcome.kind == HttpOutcome::Kind::kDone) return body;
    if (outcome.status == 403 && options.forbidden_is_missing) outcome.error.code = ErrorCode::kMissing;
    if (outcome.kind != HttpOutcome::Kind::kRetry) return fail(std::move(outcome.error));
    const auto pause = pause_before_retry(options, attempt, outcome.retry_after_s);
    const bool again = attempt < options.retries;
    if (deadline.passed_in(again ? pause : pause.zero())) return fail(deadline.too_late(uri, outcome));
    if (!again) {
      if (attempt > 0) outcome.error.message += " (asked " + std::to_string(attempt + 1) + " times)";
      return fail(std::move(outcome.error));
    }
    std::this_thread::sleep_for(pause);
  }
}

Result<std::optional<std::filesystem::path>> find_cached(const Item& item, const cache::Cache& cache) {
  const auto found = cache.find_blob(item.sha256);
  if (!found) return found;
  std::error_code gone;
  const auto size = std::filesystem::file_size(*found, gone);
  if (!gone && size == item.size) return found;
  const auto whole = REBURST_TRY(cache.verify_blob(item.sha256));
  if (!whole) return whole;
  return fail(ErrorCode::kIntegrity,
              "cannot accept \"" + item.name + "\" from the cache: wrong size\n  expected " +
                  std::to_string(item.size) + " bytes\n  actual   " + std::to_string(size) + " bytes",
              "its SHA-256 is right, so what names the size is wrong: make the lock again, or use another mirror");
}

Result<std::vector<std::filesystem::path>> get_all(const std::vector<Item>& items, cache::Cache& cache,
                                                   const Options& options, Progress& progress) {
  std::vector<std::filesystem::path> blobs(items.size());
  std::vector<Item> wanted;
  std::vector<std::size_t> positions;
  std::vector<std::string> unreachable;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (const auto found = REBURST_TRY(find_cached(items[i], cache))) {
      blobs[i] = *found;
      continue;
    }
    Item item = items[i];
    if (options.offline) std::erase_if(item.uris, [](const std::string& uri) { return !is_local(uri); });
    if (options.offline && item.uris.empty()) unreachable.push_back(item.name);
    wanted.push_back(std::move(item));
    positions.push_back(i);
  }
  if (!unreachable.empty()) return fail(missing_offline(unreachable, items.size()));
  if (wanted.empty()) return blobs;
  const auto fetched = REBURST_TRY(fetch_missing(wanted, cache, options, progress));
  for (std::size_t i = 0; i < fetched.size(); ++i) blobs[positions[i]] = fetched[i];
  return blobs;
}

}  // namespace reburst::fetch
