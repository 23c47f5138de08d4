#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace reburst::fetch {

// A few threads that run tasks beside the one that drives the network. Tasks do not throw but on exhaustion.
class Workers {
 public:
  using Task = std::function<Result<>()>;
  using Finished = std::pair<std::size_t, Result<>>;

  // `on_finished` is called from a worker after each task (to wake the driver).
  Workers(std::size_t threads, std::function<void()> on_finished);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  Workers(Workers&&) = delete;
  Workers& operator=(Workers&&) = delete;
  ~Workers();  // drops what has not begun, waits for what runs

  void add(std::size_t id, Task task);
  [[nodiscard]] std::vector<Finished> take_finished();

 private:
  void work(const std::stop_token& stop);

  std::function<void()> on_finished_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::pair<std::size_t, Task>> tasks_;
  std::vector<Finished> finished_;
  std::vector<std::jthread> threads_;
};

}  // namespace reburst::fetch
