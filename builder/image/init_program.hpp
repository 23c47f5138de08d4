#pragma once

#include <cstddef>
#include <span>

namespace reburst::image {

// The static program that an initrd starts as /init (boot/'s reburst-init), embedded in this library.
[[nodiscard]] std::span<const std::byte> init_program();

}  // namespace reburst::image
