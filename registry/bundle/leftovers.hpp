#pragma once

#include <filesystem>
#include <string>

#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/result.hpp"

// What an export writes under a name of its own is locked meanwhile: what nobody has locked, a kill has left.
namespace reburst::bundle {

// The beginning of such names beside FILE: ".site.tar.reburst-".
[[nodiscard]] std::string leftover_prefix(const std::filesystem::path& file);

// Removes what begins with `prefix` in `folder` and nobody has locked.
void sweep_leftovers(const std::filesystem::path& folder, const std::string& prefix);

// A file that nobody else has, its mode by the umask; its name is put into `path`, which holds the folder.
[[nodiscard]] Result<Fd> make_locked_file(std::filesystem::path& path, const std::string& prefix);

struct LockedDirectory {
  Fd lock;  // goes after the folder
  TempDirectory folder;
};
// "PREFIX-XXXXXX" in `parent`.
[[nodiscard]] Result<LockedDirectory> make_locked_directory(const std::filesystem::path& parent,
                                                            const std::string& prefix);

}  // namespace reburst::bundle
