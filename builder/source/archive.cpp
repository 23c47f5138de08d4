#include "builder/source/archive.hpp"

#include <algorithm>

namespace reburst::source {

Epoch Archive::newest_date() const {
  Epoch newest = 0;
  for (const auto& release : releases) newest = std::max(newest, release.date);
  return newest;
}

const std::string& lasting_name(const Release& release) {
  return release.codename.empty() ? release.suite : release.codename;
}

std::string index_name(const Archive& archive, std::size_t index) {
  const auto& one = archive.indexes.at(index);
  const auto& release = archive.releases.at(one.release);
  return release.origin + "/" + lasting_name(release) + "/" + one.component + "/" + one.architecture;
}

}  // namespace reburst::source
