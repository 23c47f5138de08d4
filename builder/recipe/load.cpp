#include "builder/recipe/inherit.hpp"
#include "builder/recipe/read.hpp"
#include "builder/recipe/recipe.hpp"

namespace reburst::recipe {

Result<Recipe> load(const std::string& role, const LoadOptions& options) {
  return read_recipe(REBURST_TRY(inherit(role, options)));
}

std::vector<Error> check(const std::vector<std::string>& files, const LoadOptions& options) {
  std::vector<Error> errors;
  for (const auto& file : files) {
    auto loaded = load(file, options);
    if (!loaded) errors.push_back(std::move(loaded).error());
  }
  return errors;
}

std::vector<RoleEntry> list_roles(const LoadOptions& options) {
  std::vector<RoleEntry> roles;
  for (const auto& name : role_names(options.recipes)) {
    RoleEntry entry{.role = name, .summary = {}, .problem = {}};
    auto loaded = load(name, options);
    if (loaded) {
      entry.summary = std::move(loaded->summary);
    } else {
      entry.problem = std::move(loaded).error();
    }
    roles.push_back(std::move(entry));
  }
  return roles;
}

}  // namespace reburst::recipe
