#include "core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace reburst {

Result<> parallel_for(std::size_t jobs, std::size_t count, const std::function<Result<>(std::size_t)>& work) {
  if (jobs <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) REBURST_TRY(work(i));
    return {};
  }
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::optional<std::pair<std::size_t, Error>> first;
  std::exception_ptr bug;
  const auto run = [&] {
    // Indexes are handed out in order, so every index below a failed one has run or is running: the minimum is stable.
    while (!stop.load()) {
      const std::size_t index = next.fetch_add(1);
      if (index >= count) return;
      try {
        auto done = work(index);
        if (done) continue;
        const std::lock_guard lock(mutex);
        if (!first || index < first->first) first.emplace(index, std::move(done).error());
      } catch (...) {
        const std::lock_guard lock(mutex);
        bug = std::current_exception();
      }
      stop.store(true);
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(jobs, count); ++i) threads.emplace_back(run);
  threads.clear();
  if (bug) std::rethrow_exception(bug);
  if (first) return fail(std::move(first->second));
  return {};
}

}  // namespace reburst
