#include "core/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace reburst {

TEST(ParallelFor, DoesEveryItemOnce) {
  std::vector<std::atomic<int>> seen(1000);
  ASSERT_TRUE(parallel_for(4, seen.size(), [&](std::size_t i) -> Result<> {
    ++seen[i];
    return {};
  }));
  for (const auto& count : seen) EXPECT_EQ(count, 1);
}

TEST(ParallelFor, UsesSeveralThreads) {
  std::atomic<int> inside{0};
  ASSERT_TRUE(parallel_for(2, 2, [&](std::size_t) -> Result<> {
    ++inside;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (inside < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    if (inside < 2) return fail(ErrorCode::kInternal, "alone");
    return {};
  }));
}

TEST(ParallelFor, ReturnsTheFailureWithTheLowestIndex) {
  for (int round = 0; round < 50; ++round) {
    const auto result = parallel_for(4, 100, [](std::size_t i) -> Result<> {
      if (i == 7) std::this_thread::sleep_for(std::chrono::microseconds(200));
      if (i >= 7) return fail(ErrorCode::kIo, std::to_string(i));
      return {};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "7");
  }
}

TEST(ParallelFor, OneJobRunsInOrderInTheCaller) {
  std::vector<std::size_t> order;
  const auto caller = std::this_thread::get_id();
  ASSERT_TRUE(parallel_for(1, 5, [&](std::size_t i) -> Result<> {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
    return {};
  }));
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(ParallelFor, ABugStaysABug) {
  EXPECT_THROW((void)parallel_for(3, 10, [](std::size_t) -> Result<> { throw std::logic_error("bug"); }),
               std::logic_error);
}

}  // namespace reburst
