#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "builder/tree/deb.hpp"

namespace reburst::tree {

// What of a package need not be unpacked: manuals, translations and their like, where the image excludes them. No
// script may count on these folders (Policy 12.3 for /usr/share/doc), and Debian's own container images leave out the
// same. Kept: every copyright file, and what leads to it, since the licences are read there; the manual's sections,
// empty.
class Skip {
 public:
  Skip() = default;  // nothing is skipped
  // `exclude` as in image.exclude: absolute paths.
  explicit Skip(const std::vector<std::string>& exclude);

  [[nodiscard]] bool skips(const Entry& entry) const;
  // A copyright file that is a link: what it leads to must not be skipped, and may have gone by.
  [[nodiscard]] bool needs_all(const Entry& entry) const;

 private:
  std::vector<std::string_view> folders_;
};

}  // namespace reburst::tree
