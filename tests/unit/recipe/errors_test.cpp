// Every error of a recipe, word for word: tests/golden/recipe/errors.cases.
//   @case NAME                 starts a case; the lines after it are case.yaml
//   @schema accepts|unreached  what the JSON Schema makes of it (schema_test.py); without this line it must reject it
//   @file NAME                 the lines after it are another file
//   @error                     the lines after it are the error, as the terminal shows it
#include <cstdlib>
#include <map>
#include <vector>

#include "core/text.hpp"
#include "tests/unit/recipe/support.hpp"

namespace reburst::recipe::test {

namespace {

struct Case {
  std::string name;
  std::string before;  // all lines up to the error
  std::map<std::string, std::string> files;
  std::string error;
};

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::vector<Case> cases;
  std::string* section = nullptr;
  const auto text = read_file(path, 1U << 20U).value();
  for (const auto line : split(text, '\n')) {
    if (line.starts_with("@case ")) {
      cases.push_back({.name = std::string(line.substr(6)), .before = {}, .files = {}, .error = {}});
      section = &cases.back().files["case.yaml"];
    } else if (line.starts_with("@file ")) {
      section = &cases.back().files[std::string(line.substr(6))];
    } else if (line == "@error") {
      section = &cases.back().error;
      continue;
    } else if (!line.starts_with("@schema ") && section != nullptr) {
      *section += std::string(line) + "\n";
    }
    if (!cases.empty() && section != &cases.back().error) cases.back().before += std::string(line) + "\n";
  }
  return cases;
}

std::string actual_error(const Case& one) {
  const Recipes recipes;
  for (const auto& [name, text] : one.files) recipes.write(name, text);
  return recipes.error() + "\n";
}

TEST(RecipeErrors, AreWordForWord) {
  const auto path = source_file("tests/golden/recipe/errors.cases");
  const auto cases = read_cases(path);
  ASSERT_GT(cases.size(), 80U);
  const bool accept = std::getenv("REBURST_ACCEPT") != nullptr;
  std::string renewed;
  for (const auto& one : cases) {
    const auto actual = actual_error(one);
    EXPECT_NE(actual, "no error\n") << one.name;
    renewed += one.before + "@error\n" + actual + "\n";
    if (!accept) {
      EXPECT_EQ(trim(actual), trim(one.error)) << one.name;
    }
  }
  if (accept) {
    renewed.pop_back();
    ASSERT_TRUE(write_file_atomic(path, renewed).has_value());
    GTEST_SKIP() << "the golden file was renewed";
  }
}

}  // namespace

}  // namespace reburst::recipe::test
