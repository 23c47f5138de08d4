#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "signing/firmware/firmware_key.hpp"

// Changes to a boot program. kMissing for one that has no such part.
namespace reburst::attack {

// Where a section begins, and the bit in its middle flipped.
[[nodiscard]] Result<std::size_t> section_offset(const std::string& program, std::string_view section);
[[nodiscard]] Result<> flip_in_section(std::string& program, std::string_view section);
// The last bit of its signature flipped.
[[nodiscard]] Result<> flip_in_signature(std::string& program);

// A member of its initrd replaced by one of the same size.
[[nodiscard]] Result<> replace_member(std::string& program, std::string_view member, std::string_view content);
// The module of that name in its initrd without the marker by which the kernel knows its signature.
[[nodiscard]] Result<> unsign_module(std::string& program, std::string_view module);

[[nodiscard]] Result<std::string> without_signature(std::string program);
[[nodiscard]] Result<std::string> signed_by(std::string program, const firmware::FirmwareKey& key);

}  // namespace reburst::attack
