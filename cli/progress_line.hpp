#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/progress.hpp"

namespace reburst::cli {

// How far a stage is.
struct StageStatus {
  std::string stage;
  std::uint64_t done = 0, total = 0;  // total 0: not known
  Progress::Unit unit = Progress::Unit::kItems;
  double seconds = 0;  // since it began
};

// "download    [######                  ] 45.1 MiB of 99.3 MiB  1.3 MiB/s  42 s left" in less than `columns`: the bar
// shrinks, then it goes, then the end is cut. A line that wraps cannot be drawn over. 0 columns: no limit.
[[nodiscard]] std::string progress_line(const StageStatus& status, std::size_t columns);

}  // namespace reburst::cli
