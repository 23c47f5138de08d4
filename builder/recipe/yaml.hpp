#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "builder/recipe/node.hpp"
#include "core/result.hpp"

namespace reburst::recipe {

inline constexpr std::size_t kMaxRecipeBytes = std::size_t{1} << 20U;
inline constexpr std::size_t kMaxRecipeNodes = 20000;
inline constexpr std::size_t kMaxRecipeDepth = 16;

// One YAML 1.2 document (core schema) as positioned nodes. Errors are kRecipe. Refused: text that is not UTF-8 or holds
// control characters, more than the limits above, duplicate keys, keys that are not text, anchors, aliases, tags, a
// second document.
[[nodiscard]] Result<Node> parse_yaml(std::shared_ptr<const SourceText> source);
// The same for text that is in no file; `name` stands in errors.
[[nodiscard]] Result<Node> parse_yaml(std::string_view text, std::string_view name);

}  // namespace reburst::recipe
