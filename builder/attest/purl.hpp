#pragma once

#include <string>
#include <string_view>

#include "builder/lock/lock.hpp"

namespace reburst::attest {

// The package URL of a Debian package (ECMA-427, type "deb"), in canonical form:
// "pkg:deb/debian/attr@1:2.5.1-4%2Bb1?arch=amd64&distro=bookworm". The vendor is the origin in lower case ("local" for
// the recipe's own files), the distribution its codename without "-security" and the like.
[[nodiscard]] std::string purl(const lock::LockedPackage& package);

// The source package and its version, "bash 5.2.15-2".
[[nodiscard]] std::string source_package(const lock::LockedPackage& package);

// As a package URL has it, and a path segment of a URN: all but letters, digits, ".-_~" and ":" as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace reburst::attest
