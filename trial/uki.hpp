#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::trial {

// The kernel command line out of a UKI: its PE section ".cmdline", without trailing newlines and zeros. kIntegrity when
// `bytes` is no PE program with such a section.
[[nodiscard]] Result<std::string> read_cmdline(std::string_view bytes, std::string_view name);

}  // namespace reburst::trial
