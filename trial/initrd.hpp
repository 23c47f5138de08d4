#pragma once

#include <filesystem>
#include <vector>

#include "builder/image/cpio.hpp"
#include "core/result.hpp"

namespace reburst::trial {

// The initrd `released`, then an archive with `entries`, which win: the kernel unpacks one after the other.
[[nodiscard]] Result<> write_changed_initrd(const std::filesystem::path& released,
                                            const std::vector<image::CpioEntry>& entries,
                                            const std::filesystem::path& out);

}  // namespace reburst::trial
