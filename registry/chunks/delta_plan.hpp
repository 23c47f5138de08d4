#pragma once

#include <vector>

#include "registry/chunks/delta_file.hpp"

namespace reburst::chunks {

// Which chunks of `to` are not in `from`, in segments, and for each segment the piece of `from` that is most likely to
// resemble it: what stands between the same neighbours. frame_size is still 0.
[[nodiscard]] std::vector<Segment> plan_segments(const Index& from, const Index& to);

}  // namespace reburst::chunks
