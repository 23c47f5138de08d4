#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "fetch/fetch.hpp"
#include "tests/support/http/test_server.hpp"

namespace reburst::fetch {

// Remembers what it was told.
class RecordingProgress final : public Progress {
 public:
  void begin(std::string_view stage, std::uint64_t total, Unit /*unit*/) override {
    begun.emplace_back(stage);
    this->total = total;
  }
  void advance(std::uint64_t by) override { done += by; }
  void note(std::string_view line) override {
    const std::lock_guard lock(mutex_);
    notes.emplace_back(line);
  }

  std::vector<std::string> begun, notes;
  std::uint64_t total = 0;
  std::atomic<std::uint64_t> done{0};

 private:
  std::mutex mutex_;
};

inline Options quick_options() {
  Options options;
  options.backoff_ms = 5;
  options.retries = 3;
  options.stall_seconds = 2;
  return options;
}

inline std::string bytes(std::size_t size, char seed = 'a') {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(seed + static_cast<char>((i * 7 + i / 251) % 26));
  return out;
}

inline Item item(const std::string& name, const std::vector<std::string>& uris, const std::string& content) {
  return {name, uris, content.size(), sha256(content)};
}

class FetchTest : public testing::Test {
 protected:
  Result<std::vector<fs::path>> get_all_of(const std::vector<Item>& items) {
    return get_all(items, *cache_, options_, progress_);
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "fetch-test");
  Result<cache::Cache> cache_ = cache::Cache::open(folder_->path() / "cache");
  Options options_ = quick_options();
  RecordingProgress progress_;
};

}  // namespace reburst::fetch
