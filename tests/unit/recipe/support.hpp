#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "builder/recipe/recipe.hpp"
#include "core/file.hpp"

namespace reburst::recipe::test {

// A folder of recipes that goes away with the test.
class Recipes {
 public:
  Recipes() : folder_(TempDirectory::make(std::filesystem::temp_directory_path(), "recipe").value()) {}

  void write(const std::string& name, std::string_view text) const {
    const auto path = folder_.path() / name;
    ASSERT_TRUE(make_directories(path.parent_path()).has_value());
    ASSERT_TRUE(write_file_atomic(path, text).has_value());
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] LoadOptions options() const { return {.recipes = folder_.path() / "shipped"}; }
  [[nodiscard]] Result<Recipe> load(const std::string& name = "case.yaml") const {
    return recipe::load(path(name).string(), options());
  }
  // Without this folder's own name, which differs in every run.
  [[nodiscard]] std::string plain(std::string text) const {
    const auto prefix = folder_.path().string();
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      const bool is_folder = at + prefix.size() < text.size() && text[at + prefix.size()] == '/';
      text.replace(at, prefix.size() + (is_folder ? 1 : 0), is_folder ? "" : "FOLDER");
    }
    return text;
  }
  // The rendered error, or "no error".
  [[nodiscard]] std::string error(const std::string& name = "case.yaml") const {
    const auto loaded = load(name);
    return loaded ? "no error" : plain(loaded.error().render());
  }

 private:
  TempDirectory folder_;
};

inline std::filesystem::path source_file(const std::string& name) {
  return std::filesystem::path(REBURST_SOURCE_DIR) / name;
}

}  // namespace reburst::recipe::test
