#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "core/digest.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"

namespace reburst::fetch {

struct Options {
  std::size_t connections = 6;
  std::string proxy = {};  // empty: none; one URI for everything; or rules, see fetch/proxy.hpp
  bool offline = false;
  unsigned retries = 4;                 // of a network error or a server's 5xx or 429, with exponential backoff
  unsigned backoff_ms = 250;            // before the first retry
  unsigned stall_seconds = 30;          // a connection without data for that long is given up
  unsigned min_bytes_per_second = 100;  // a connection slower than that for stall_seconds is given up as well
  // Of a whole get(), its retries and pauses included; get_all() has what its items take at min_bytes_per_second beside
  // that. 0: none.
  unsigned deadline_seconds = 0;
  bool same_origin = false;           // a redirect to another scheme, host or port is refused
  bool forbidden_is_missing = false;  // get(): 403 is kMissing, as hosts that show no folders answer it for 404
  std::string stage = "fetch";        // what get_all() calls its work in Progress
};

// A small document, not yet verified: read fully, at most `max_bytes` (kIntegrity beyond). http:, https: and file:
// URIs. kNetwork on failure; kMissing for 404 and for a file that is not there. `offline` concerns http(s) alone.
[[nodiscard]] Result<std::string> get(const std::string& uri, std::uint64_t max_bytes, const Options& options);

// One object wanted in the cache. `uris` are tried in order; `name` is for messages.
struct Item {
  std::string name;
  std::vector<std::string> uris;
  std::uint64_t size = 0;
  Digest sha256;
};

// The blob of `item` when the cache has it. One of another size is hashed again: it is removed when it is damaged, and
// kIntegrity when it is what its digest says, as a server's file of another size is.
[[nodiscard]] Result<std::optional<std::filesystem::path>> find_cached(const Item& item, const cache::Cache& cache);

// Brings every item into the cache (several connections, resume, retries), checking size and SHA-256 before it becomes
// a blob. Returns the blobs' paths in the order of `items`. kIntegrity on a wrong size or digest; kMissing when no URI
// has it, and when offline. Of several failures the one of the first item is returned.
[[nodiscard]] Result<std::vector<std::filesystem::path>> get_all(const std::vector<Item>& items, cache::Cache& cache,
                                                                 const Options& options, Progress& progress);

}  // namespace reburst::fetch
