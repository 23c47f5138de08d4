#pragma once

#include <filesystem>

#include "builder/recipe/node.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

namespace reburst::recipe {

// The file that a recipe's text names: absolute, or relative to the recipe it is written in.
[[nodiscard]] std::filesystem::path input_path(const Node& node);

// The absolute path of a regular file (a link to one is followed); kRecipe at the node when it is not there.
[[nodiscard]] Result<std::filesystem::path> find_input_file(const Node& node, std::string_view what);

// Digest of such a file as lower-case hex.
[[nodiscard]] Result<std::string> input_digest(const Node& node, const std::filesystem::path& path);

// What `files: from:` names, in a form that is the same on every machine:
//   {"type": "file", "executable": bool, "sha256": hex}
//   {"type": "folder", "entries": [{"path", "type": "file"|"folder"|"link", …}]}, sorted by path.
// Links are kept as links and never followed; kRecipe for one that leads out of the folder, for devices and sockets,
// and for names that are not UTF-8.
[[nodiscard]] Result<Json> describe_input(const Node& node);

}  // namespace reburst::recipe
