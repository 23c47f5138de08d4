#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "fetch/fetch.hpp"

namespace reburst::fetch {

// The pause before attempt `attempt` + 1: doubling from options.backoff_ms, or what the server asked for, at most 10 s.
[[nodiscard]] std::chrono::milliseconds pause_before_retry(const Options& options, unsigned attempt,
                                                           unsigned retry_after_s);

// get_all() for items that the cache lacks: network and file: URIs side by side, hashing on worker threads.
[[nodiscard]] Result<std::vector<std::filesystem::path>> fetch_missing(const std::vector<Item>& items,
                                                                       cache::Cache& cache, const Options& options,
                                                                       Progress& progress);

}  // namespace reburst::fetch
