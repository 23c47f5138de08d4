#pragma once

#include <optional>
#include <string_view>

namespace reburst::measure {

// The content of a section of a PE program (Microsoft, "PE Format"), as long as it is in memory: what systemd's stub
// measures. Nothing when there is none, or it is not wholly in the file.
[[nodiscard]] std::optional<std::string_view> find_section(std::string_view program, std::string_view name);

}  // namespace reburst::measure
