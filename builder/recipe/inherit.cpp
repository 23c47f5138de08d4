#include "builder/recipe/inherit.hpp"

#include <algorithm>
#include <system_error>

#include "builder/recipe/checks.hpp"
#include "builder/recipe/format.hpp"
#include "builder/recipe/merge.hpp"
#include "builder/recipe/yaml.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst::recipe {

namespace {

constexpr std::string_view kSuffix = ".yaml";

// One file of the chain, from the role's own to the oldest ancestor.
struct Layer {
  Node root;
  fs::path file;       // absolute
  fs::path canonical;  // for telling whether two names are one file
  std::string role;
};

bool is_path(const std::string& role) {
  return role.find('/') != std::string::npos || role.ends_with(kSuffix) || role.ends_with(".yml");
}

std::string hint_of_roles(const std::string& role, const fs::path& folder) {
  const auto names = role_names(folder);
  const auto meant = nearest(role, names);
  if (meant) return "did you mean \"" + *meant + "\"?";
  return names.empty() ? "name a recipe by its path, or another folder with --recipes"
                       : "roles there: " + join(names, ", ");
}

Result<Layer> read_layer(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return fail(ErrorCode::kMissing, "there is no recipe " + in_quotes(path.string()), "check the path");
  }
  if (!fs::is_regular_file(path, ignored)) {
    return fail(ErrorCode::kMissing, in_quotes(path.string()) + " is not a file", "name a recipe's .yaml file");
  }
  auto text = read_file(path, kMaxRecipeBytes);
  if (!text && text.error().code == ErrorCode::kIntegrity) {
    return fail(ErrorCode::kRecipe, in_quotes(path.string()) + " is larger than 1 MiB",
                "a recipe is a page of text: is this the right file?");
  }
  const auto file = fs::absolute(path, ignored).lexically_normal();
  auto source = std::make_shared<const SourceText>(
      SourceText{.name = path.string(), .folder = file.parent_path(), .text = REBURST_TRY(std::move(text))});
  Node root = REBURST_TRY(parse_yaml(std::move(source)));
  REBURST_TRY(validate_recipe(root));
  auto canonical = fs::canonical(path, ignored);
  std::string role = find(root, "role")->scalar;
  return Layer{.root = std::move(root), .file = file, .canonical = std::move(canonical), .role = std::move(role)};
}

// A recipe that is found by a name must bear it.
Result<Layer> read_named(const std::string& role, const fs::path& path) {
  Layer layer = REBURST_TRY(read_layer(path));
  if (layer.role != role) {
    return fail_at(find(layer.root, "role")->mark,
                   "this file is found as " + in_quotes(role) + ", but its role is " + in_quotes(layer.role),
                   "write \"role: " + role + "\", or rename the file to " + layer.role + std::string(kSuffix));
  }
  return layer;
}

Result<Layer> read_first(const std::string& role, const LoadOptions& options) {
  if (is_path(role)) return read_layer(role);
  const auto path = options.recipes / (role + std::string(kSuffix));
  std::error_code ignored;
  if (checks::role(role) || !fs::exists(path, ignored)) {
    return fail(ErrorCode::kMissing,
                "there is no role " + in_quotes(role) + " in " + in_quotes(options.recipes.string()),
                hint_of_roles(role, options.recipes));
  }
  return read_named(role, path);
}

Result<Layer> read_parent(const Layer& heir, const Node& from, const LoadOptions& options) {
  const auto name = from.scalar + std::string(kSuffix);
  std::error_code ignored;
  // As written, so that errors name the parent the way the user named the heir.
  const auto beside = fs::path(heir.root.mark.source->name).parent_path() / name;
  const auto shipped = options.recipes / name;
  if (fs::exists(beside, ignored)) return read_named(from.scalar, beside);
  if (fs::exists(shipped, ignored)) return read_named(from.scalar, shipped);
  return fail_at(
      from.mark,
      "there is no role " + in_quotes(from.scalar) + " beside this file or in " + in_quotes(options.recipes.string()),
      hint_of_roles(from.scalar, options.recipes));
}

Result<> refuse_cycle(const std::vector<Layer>& chain, const Layer& next, const Mark& mark) {
  const auto same = [&](const Layer& layer) { return layer.canonical == next.canonical; };
  const auto first = std::find_if(chain.begin(), chain.end(), same);
  if (first == chain.end()) return {};
  std::vector<std::string> names;
  for (auto layer = first; layer != chain.end(); ++layer) names.push_back(layer->role);
  names.push_back(next.role);
  return fail_at(mark, in_quotes(next.role) + " inherits from itself: " + join(names, " -> "),
                 "break the chain, or give one of them another name");
}

}  // namespace

std::vector<std::string> role_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto stem = at->path().stem().string();
    if (at->path().extension() == kSuffix && !checks::role(stem)) names.push_back(stem);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<Inherited> inherit(const std::string& role, const LoadOptions& options) {
  std::vector<Layer> chain;
  chain.push_back(REBURST_TRY(read_first(role, options)));
  while (const auto* from = find(chain.back().root, "from")) {
    Layer parent = REBURST_TRY(read_parent(chain.back(), *from, options));
    REBURST_TRY(refuse_cycle(chain, parent, from->mark));
    chain.push_back(std::move(parent));
  }
  Node merged = std::move(chain.back().root);
  for (std::size_t i = chain.size() - 1; i-- > 0;) merged = merge(std::move(merged), chain[i].root, recipe_shape());
  return Inherited{.root = std::move(merged), .file = chain.front().file, .inherits = chain.size() > 1};
}

}  // namespace reburst::recipe
