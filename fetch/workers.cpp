#include "fetch/workers.hpp"

namespace reburst::fetch {

Workers::Workers(std::size_t threads, std::function<void()> on_finished) : on_finished_(std::move(on_finished)) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

Workers::~Workers() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Workers::add(std::size_t id, Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back(id, std::move(task));
  }
  changed_.notify_one();
}

std::vector<Workers::Finished> Workers::take_finished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void Workers::work(const std::stop_token& stop) {
  for (;;) {
    std::pair<std::size_t, Task> next;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !tasks_.empty(); }) || stop.stop_requested()) return;
      next = std::move(tasks_.front());
      tasks_.pop_front();
    }
    auto done = next.second();
    {
      const std::lock_guard lock(mutex_);
      finished_.emplace_back(next.first, std::move(done));
    }
    on_finished_();
  }
}

}  // namespace reburst::fetch
