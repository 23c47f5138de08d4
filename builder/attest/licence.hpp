#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "builder/attest/copyright.hpp"

namespace reburst::attest {

// A licence that SPDX's list does not know under that name.
struct ExtractedLicence {
  std::string name;  // as the copyright file has it
  std::string text;  // never empty
};
// By identifier, "LicenseRef-…": the name and 8 digits of a hash over name and text, so that one identifier means one
// licence in every image.
using ExtractedLicences = std::map<std::string, ExtractedLicence>;

// The identifier of SPDX's licence list, or nothing: "GPL-2+" → "GPL-2.0-or-later", "Expat" → "MIT". Names that Debian
// uses for several texts ("MIT/X11", "GPL") are left alone.
[[nodiscard]] std::optional<std::string> spdx_identifier(std::string_view short_name);

// All that the file names, joined by AND, as an SPDX licence expression (SPDX 2.3, annex D): what has no identifier
// becomes a LicenseRef and is added to `extracted`. Empty when the file names nothing.
[[nodiscard]] std::string spdx_expression(const Copyright& copyright, ExtractedLicences& extracted);

}  // namespace reburst::attest
