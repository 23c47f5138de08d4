#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/fd.hpp"
#include "boot/result.hpp"

namespace reburst::boot {

// The few file operations that the steps share. Paths end with a zero byte (literals, or Text).

// The content of a small file, in `buffer`; a file that does not fit is a failure.
[[nodiscard]] Result<std::string_view> read_small(const char* path, std::span<char> buffer);
// Reads exactly `bytes.size()` bytes at `offset`; false otherwise.
[[nodiscard]] bool read_at(int fd, std::uint64_t offset, std::span<std::uint8_t> bytes);
[[nodiscard]] bool write_all(int fd, std::string_view text);
// Creates or replaces a file.
[[nodiscard]] Result<> write_file(const char* path, std::string_view content, unsigned mode);
// A folder that may be there already.
[[nodiscard]] Result<> make_folder(const char* path, unsigned mode);

// A decimal number, as sysfs prints it (with its newline); -1 when it is none.
[[nodiscard]] std::int64_t read_sysfs_number(const char* path);

// Sleeps.
void pause_milliseconds(long milliseconds);
// Microseconds since the kernel started.
[[nodiscard]] std::uint64_t now_microseconds();

}  // namespace reburst::boot
