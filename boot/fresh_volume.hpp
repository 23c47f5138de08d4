#pragma once

#include <sys/stat.h>

#include <string_view>

#include "boot/result.hpp"

namespace reburst::boot {

// Gives the root of a volume that holds nothing yet (mkfs.ext4 leaves lost+found) the owner and mode of the folder that
// it is mounted on. `folder` is the volume's root, opened for reading; `name` is the volume's, for errors. A volume
// that holds anything is not touched.
[[nodiscard]] Result<> adopt_if_fresh(int folder, std::string_view name, const struct stat& mount_point);

}  // namespace reburst::boot
