#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::image {

struct UkiSection {
  std::string_view name;     // ".linux"; at most 8 bytes
  std::string_view content;  // not empty
};

// Appends sections to a PE32+ program for x86-64 (Microsoft "PE Format"; the UAPI Group's "Unified Kernel Image"
// specification), here systemd's linuxx64.efi.stub: read-only data, in the order given, at addresses after everything
// of the stub, whose symbol table is dropped. No time stamps; the checksum is set. The stub is untrusted: what is not
// strictly well-formed, signed, or has no room for the section headers is kPackage.
[[nodiscard]] Result<std::string> make_uki(std::string_view stub, std::span<const UkiSection> sections);

}  // namespace reburst::image
