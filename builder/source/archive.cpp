#include "builder/source/archive.hpp"

#include <algorithm>

namespace reburst::source {

Epoch Archive::newest_date() const {
  Epoch newest = 0;
  for (const auto& release : releases) newest = std::max(newest, release.date);
  return newest;
}

}  // namespace reburst::source
