// links: reburst_recipe
// Any bytes: parse_yaml and the validation of what it made end, with a document or an error, within the limits.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "builder/recipe/format.hpp"
#include "builder/recipe/merge.hpp"
#include "builder/recipe/yaml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::recipe;
  const auto root = parse_yaml(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz.yaml");
  if (!root) {
    if (root.error().message.empty()) __builtin_trap();
    return 0;
  }
  if (validate_recipe(*root)) (void)merge(*root, *root, recipe_shape());
  return 0;
}
