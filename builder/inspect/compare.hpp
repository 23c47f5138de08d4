#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "builder/inspect/difference.hpp"
#include "builder/inspect/expected.hpp"
#include "core/result.hpp"

namespace reburst::inspect {

// Where a disk, a file or a block device, is not as its release was built, in the disk's order; none when it is. Looked
// at is all that a boot looks at (partition table, ESP's boot program, every block of root and hash tree), and what no
// boot reads beside it. A disk that is cut short is compared as far as it goes.
[[nodiscard]] Result<std::vector<Difference>> compare_disk(const std::filesystem::path& disk, const Expected& expected,
                                                           std::size_t jobs);

}  // namespace reburst::inspect
