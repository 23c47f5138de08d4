#pragma once

#include <optional>
#include <string_view>

namespace reburst::inspect {

// The content of a member of an initrd's first archive (Linux, driver-api/early-userspace/buffer-format.rst), nothing
// where it has none.
[[nodiscard]] std::optional<std::string_view> find_member(std::string_view archive, std::string_view name);

}  // namespace reburst::inspect
