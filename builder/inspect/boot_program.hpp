#pragma once

#include <optional>
#include <string_view>

// What is inside a boot program: views into its bytes, nothing where it has no such part. Nothing is believed of it.
namespace reburst::inspect {

// The content of a section of a PE program (Microsoft, "PE Format"): ".initrd".
[[nodiscard]] std::optional<std::string_view> find_section(std::string_view program, std::string_view name);

// The content of a member of an initrd's first archive (Linux, driver-api/early-userspace/buffer-format.rst).
[[nodiscard]] std::optional<std::string_view> find_member(std::string_view archive, std::string_view name);

}  // namespace reburst::inspect
