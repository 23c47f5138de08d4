#include "cli/progress_line.hpp"

#include <gtest/gtest.h>

namespace reburst::cli {
namespace {

constexpr std::uint64_t kMiB = 1U << 20U;

StageStatus download() {
  return {"download", 45 * kMiB, 100 * kMiB, Progress::Unit::kBytes, 30};
}

TEST(ProgressLine, HasBarAmountRateAndTimeLeft) {
  EXPECT_EQ(progress_line(download(), 0),
            "download    [##########              ] 45.0 MiB of 100.0 MiB  1.5 MiB/s  37 s left");
  EXPECT_EQ(progress_line({"test", 1, 4, Progress::Unit::kItems, 61}, 0),
            "test        [######                  ] 1 of 4  3 min 3 s left");
}

TEST(ProgressLine, SaysNoRateInTheFirstSecondAndNoBarWithoutATotal) {
  EXPECT_EQ(progress_line({"download", 0, 100, Progress::Unit::kItems, 0.5}, 0),
            "download    [                        ] 0 of 100");
  EXPECT_EQ(progress_line({"resolve", 0, 0, Progress::Unit::kItems, 3}, 80), "resolve     …");
  EXPECT_EQ(progress_line({"unpack", 2 * kMiB, 0, Progress::Unit::kBytes, 3}, 80), "unpack      2.0 MiB");
}

TEST(ProgressLine, NeverReachesTheLastColumn) {
  for (std::size_t columns = 1; columns < 120; ++columns)
    EXPECT_LT(progress_line(download(), columns).size(), columns) << columns;
}

TEST(ProgressLine, GivesUpTheBarBeforeTheFigures) {
  EXPECT_EQ(progress_line(download(), 80),
            "download    [#########            ] 45.0 MiB of 100.0 MiB  1.5 MiB/s  37 s left");
  EXPECT_EQ(progress_line(download(), 60), "download    45.0 MiB of 100.0 MiB  1.5 MiB/s  37 s left");
  EXPECT_EQ(progress_line(download(), 30), "download    45.0 MiB of 100.0");
}

TEST(ProgressLine, MoreThanAllIsAll) {
  EXPECT_EQ(progress_line({"copy", 9, 4, Progress::Unit::kItems, 0}, 0),
            "copy        [########################] 9 of 4");
}

}  // namespace
}  // namespace reburst::cli
