#pragma once

#include <filesystem>
#include <string>

#include "core/handle.hpp"
#include "core/result.hpp"

namespace reburst::cache {

// A process's claim to its entries in tmp/: a file "owner-XXXXXX" that is locked as long as the process lives.
struct Owner {
  std::string id;  // XXXXXX
  Fd lock;
};

// The name of an entry of `owner` in tmp/, without its own random end.
[[nodiscard]] std::string entry_prefix(std::string_view owner, std::string_view prefix);

// Claims a new id under the lock file `gate`, which keeps a sweep from seeing an owner file between its making and its
// locking.
[[nodiscard]] Result<Owner> claim(const std::filesystem::path& tmp, const std::filesystem::path& gate);

// Removes the entries of owners that are gone. Never fails: what cannot be removed (files of a user namespace's ids)
// stays.
void sweep(const std::filesystem::path& tmp, const std::filesystem::path& gate);

}  // namespace reburst::cache
