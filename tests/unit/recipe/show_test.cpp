#include <cstdlib>

#include "builder/recipe/unicode.hpp"
#include "core/text.hpp"
#include "tests/unit/recipe/support.hpp"

namespace reburst::recipe::test {
namespace {

TEST(Show, TheMergedRecipeWithTheFileOfEachLine) {
  const auto folder = source_file("tests/golden/recipe/show");
  const auto shown = show((folder / "app.yaml").string(), {.recipes = folder});
  ASSERT_TRUE(shown.has_value()) << shown.error().render();
  if (std::getenv("REBURST_ACCEPT") != nullptr) {
    ASSERT_TRUE(write_file_atomic(folder / "app.shown", *shown).has_value());
    GTEST_SKIP() << "the golden file was renewed";
  }
  EXPECT_EQ(*shown, read_file(folder / "app.shown", 1U << 20U).value());
}

TEST(Show, WhatIsShownIsTheSameRecipe) {
  const auto folder = source_file("tests/golden/recipe/show");
  const auto shown = show((folder / "app.yaml").string(), {.recipes = folder}).value();
  const Recipes recipes;
  std::string alone = shown;
  const auto from = alone.find("from: base");
  ASSERT_NE(from, std::string::npos);
  alone.erase(from, alone.find('\n', from) - from);
  recipes.write("app.yaml", alone);
  recipes.write("data/app/start", read_file(folder / "data/app/start", 1024).value());
  recipes.write("data/app.deb", read_file(folder / "data/app.deb", 1024).value());
  recipes.write("data/archive.gpg", read_file(folder / "data/archive.gpg", 1024).value());
  auto again = recipes.load("app.yaml");
  ASSERT_TRUE(again.has_value()) << again.error().render();
  auto merged = load((folder / "app.yaml").string(), {.recipes = folder}).value().merged;
  EXPECT_EQ(merged["inherits"], true);
  merged["inherits"] = false;
  EXPECT_EQ(again->merged, merged);
}

TEST(Show, TextSurvivesWhateverItHolds) {
  const std::vector<std::string> texts = {"plain",
                                          "two words",
                                          "true",
                                          "yes",
                                          "null",
                                          "0",
                                          "1.5",
                                          "-",
                                          "- a",
                                          "a: b",
                                          "a #b",
                                          "#a",
                                          "{a}",
                                          "[a]",
                                          "*a",
                                          "&a",
                                          "!a",
                                          "%a",
                                          "@a",
                                          "`a`",
                                          "'a'",
                                          "\"a\"",
                                          "a\\b",
                                          " lead",
                                          "trail ",
                                          "a\nb",
                                          "a\nb\n",
                                          "a\n\nb\n",
                                          "a\nb\n\n",
                                          "\na\n",
                                          " a\nb\n",
                                          "a\n b\n",
                                          "a\tb",
                                          "a\tb\nc\n",
                                          "a\r\nb\r\n",
                                          "a\n  \nb\n",
                                          "\n",
                                          "gr\xC3\xBC\xC3\x9F",
                                          "\xF0\x9F\x98\x80\nx\n",
                                          "a\x01"
                                          "b",
                                          "\x7F",
                                          "---",
                                          "---\na\n",
                                          "...",
                                          "a\n...\nb\n",
                                          "# a\n# b\n",
                                          "\xE2\x80\xA8",
                                          "\xEF\xBB\xBF"
                                          "a\nb",
                                          "~",
                                          "=",
                                          "<<",
                                          "? a",
                                          "a:",
                                          ":a"};
  for (const auto& text : texts) {
    const Recipes recipes;
    recipes.write("case.yaml", "recipe: 1\nrole: case\nfiles: [{path: /f, content: " + double_quoted(text) + "}]\n");
    ASSERT_EQ(recipes.load().value().files.at(0).content, text);
    const auto shown = show(recipes.path("case.yaml").string(), recipes.options());
    ASSERT_TRUE(shown.has_value()) << shown.error().render();
    recipes.write("again.yaml", *shown);
    const auto again = recipes.load("again.yaml");
    ASSERT_TRUE(again.has_value()) << *shown << again.error().render();
    EXPECT_EQ(again->files.at(0).content, text) << *shown;
  }
}

TEST(Show, RefusesWhatCannotBeLoaded) {
  const Recipes recipes;
  recipes.write("case.yaml", "recipe: 1\nrole: case\nfiles: [{path: /f, from: nowhere}]\n");
  EXPECT_EQ(show(recipes.path("case.yaml").string(), recipes.options()).error().code, ErrorCode::kRecipe);
}

}  // namespace
}  // namespace reburst::recipe::test
