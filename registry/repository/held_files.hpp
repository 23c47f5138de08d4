#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "registry/repository/upkeep.hpp"

// What a registry keeps for those who hold a release, where no metadata names it any more.
namespace reburst::registry {

// The names of the release's files under targets/, each once; none for a release that is gone.
[[nodiscard]] std::vector<std::string> held_files(const std::filesystem::path& registry, const Hold& hold);
[[nodiscard]] inline bool has_files(const std::filesystem::path& registry, const Hold& hold) {
  return !held_files(registry, hold).empty();
}

// What check and gc say of an index.json that does not list it.
[[nodiscard]] std::string unlisted(const Hold& hold);

}  // namespace reburst::registry
