#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/handle.hpp"
#include "core/result.hpp"

// The roots that a key folder has signed: root.json, the first, then 2.root.json and so on (docs/formats/keys.md). All
// registries of the folder show them, byte for byte, so that one root.json serves their readers.
namespace reburst::registry {

// Nothing where there is no root.json, or one that is no first version. kIntegrity for one that is damaged, or that
// does not follow the one before (TUF 1.0.30, 5.3.4 and 5.3.5).
[[nodiscard]] Result<std::vector<std::string>> read_key_roots(const std::filesystem::path& keys);

// Writes those of `roots`, versions 1 and up, that are not there yet.
[[nodiscard]] Result<> write_key_roots(const std::filesystem::path& keys, const std::vector<std::string>& roots);

// Held while roots are compared and written; not valid where the folder cannot be opened.
[[nodiscard]] Fd lock_key_roots(const std::filesystem::path& keys);

// Whether `all` begins with `some`.
[[nodiscard]] bool begins_with(const std::vector<std::string>& all, const std::vector<std::string>& some);

}  // namespace reburst::registry
