#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace reburst::inspect {

// A place where a disk is not its release's.
struct Difference {
  std::string part;  // table, root, verity, esp; gap between them; end, after the image's last byte
  std::string what;
  std::uint64_t start = 0, end = 0;  // bytes of the disk; `start` is where it was seen, `end` may lie beyond
  std::string boot;                  // what a boot makes of it
  // Of root alone.
  std::string file = {}, package = {};  // what holds `start`; no package where none owns it
  std::uint64_t file_offset = 0;        // of `start` in the file
  std::string owner = {};               // why no file is named
};

// Lines for people, two blanks before each: the first difference, and what else differs.
[[nodiscard]] std::string to_text(const std::vector<Difference>& differences);
// The first hundred, and how many there are.
[[nodiscard]] Json to_json(const std::vector<Difference>& differences);

}  // namespace reburst::inspect
