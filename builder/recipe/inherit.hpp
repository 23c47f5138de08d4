#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "builder/recipe/node.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/result.hpp"

namespace reburst::recipe {

// A role's recipe merged with all it inherits, each file valid by itself.
struct Inherited {
  Node root;
  std::filesystem::path file;  // the role's own, absolute
  bool inherits = false;
};

// Errors as for load().
[[nodiscard]] Result<Inherited> inherit(const std::string& role, const LoadOptions& options);

// The names of the recipes in `folder`, sorted.
[[nodiscard]] std::vector<std::string> role_names(const std::filesystem::path& folder);

}  // namespace reburst::recipe
