#pragma once

#include <string_view>

#include "boot/result.hpp"
#include "boot/secure_boot.hpp"

namespace reburst::boot {

// Whether the kernel was told what stands in the signed boot.conf, to the byte. `found`: without the newline.
[[nodiscard]] Result<> compare_command_lines(std::string_view signed_line, std::string_view found);

// The same of /proc/cmdline. Another one is a failure where Secure Boot is on, whatever the policy: only the host, or a
// program beside ours, can have made it. Elsewhere the host chooses the kernel, too, and it is said loudly.
[[nodiscard]] Result<> check_command_line(const BootConf& conf, SecureBoot state);

}  // namespace reburst::boot
