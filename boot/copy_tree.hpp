#pragma once

#include "boot/result.hpp"

namespace reburst::boot {

// Copies what the folder `from` holds into the folder `to`, which gets `from`'s own owner, mode, xattrs and times:
// types, owners, modes, xattrs, hard links, link targets, device numbers and modification times are kept. Both end with
// a zero byte.
[[nodiscard]] Result<> copy_tree(const char* from, const char* to);

}  // namespace reburst::boot
