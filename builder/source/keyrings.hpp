#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reburst::source {

// The keyrings that apt trusts for a source without Signed-By: trusted.gpg and trusted.gpg.d/*.{gpg,asc} beneath `apt`
// (/etc/apt), sorted by name; those that this user may not read are left out, as apt does.
[[nodiscard]] std::vector<std::filesystem::path> default_keyrings(const std::filesystem::path& apt);

// Names that apt reads in a folder of parts: letters, digits, '-', '_' and '.', with this ending, not hidden. Sorted.
[[nodiscard]] std::vector<std::filesystem::path> parts(const std::filesystem::path& folder,
                                                       const std::vector<std::string>& endings);

}  // namespace reburst::source
