#pragma once

#include <cstdint>

#include "boot/result.hpp"

namespace reburst::boot {

struct Scan {
  std::uint64_t bytes = 0;
  std::uint64_t microseconds = 0;
};

// Reads all `size` bytes of a device by `readers` processes at once, past the page cache, and says how far it is when
// that takes more than a second. A block that cannot be read, or a device that ends early, is a failure that names its
// first byte. `name` is the device as a person knows it. `is_corrupt` is asked then whether the block is there, and
// another than was signed.
[[nodiscard]] Result<Scan> scan_device(const char* device, std::string_view name, std::uint64_t size, unsigned readers,
                                       bool (*is_corrupt)());

// One for each processor, at most 16.
[[nodiscard]] unsigned count_readers();

}  // namespace reburst::boot
