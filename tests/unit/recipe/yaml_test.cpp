#include "builder/recipe/yaml.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reburst::recipe {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse_yaml(text, "r.yaml");
  return parsed ? "no error" : parsed.error().render();
}

TEST(Yaml, KeepsKindsSpellingAndPositions) {
  const auto root =
      parse_yaml("a: 1\nb: [x, \"2\", true]\n  \nc:\n  - k: |\n      one\n      two\nd:\n", "r.yaml").value();
  ASSERT_EQ(root.kind, Kind::kMap);
  ASSERT_EQ(root.members.size(), 4U);
  EXPECT_EQ(find(root, "a")->kind, Kind::kNumber);
  EXPECT_EQ(find(root, "a")->mark.column, 4U);
  const auto& list = *find(root, "b");
  ASSERT_EQ(list.items.size(), 3U);
  EXPECT_EQ(list.items[0].kind, Kind::kText);
  EXPECT_EQ(list.items[1].kind, Kind::kText) << "quotes make text of a number";
  EXPECT_EQ(list.items[2].kind, Kind::kFlag);
  EXPECT_EQ(list.items[1].mark.line, 2U);
  EXPECT_EQ(list.items[1].mark.column, 8U);
  const auto& inner = find(root, "c")->items.at(0);
  EXPECT_EQ(find(inner, "k")->scalar, "one\ntwo\n");
  EXPECT_EQ(find_member(inner, "k")->mark.line, 5U);
  EXPECT_EQ(find(root, "d")->kind, Kind::kNull);
  EXPECT_EQ(find(root, "e"), nullptr);
}

TEST(Yaml, ReadsPlainScalarsByTheCoreSchemaOfYaml12) {
  const struct {
    const char* text;
    Kind kind;
  } cases[] = {
      {"12", Kind::kNumber},     {"-3", Kind::kNumber},
      {"0644", Kind::kNumber},   {"0x1F", Kind::kNumber},
      {"0o17", Kind::kNumber},   {"1.5", Kind::kNumber},
      {".5", Kind::kNumber},     {"1e3", Kind::kNumber},
      {"1.5e-3", Kind::kNumber}, {"-.inf", Kind::kNumber},
      {"true", Kind::kFlag},     {"False", Kind::kFlag},
      {"yes", Kind::kText},      {"no", Kind::kText},
      {"1.2.3", Kind::kText},    {"0x", Kind::kText},
      {"12:30", Kind::kText},    {"1_000", Kind::kText},
      {"e3", Kind::kText},       {".", Kind::kText},
      {"-", Kind::kText},        {"2026-01-01T00:00:00Z", Kind::kText},
      {"~", Kind::kNull},        {"null", Kind::kNull},
  };
  for (const auto& one : cases) {
    const auto root = parse_yaml("k: [ " + std::string(one.text) + " ]\n", "r.yaml");
    if (std::string_view(one.text) == "-") continue;  // not a scalar inside a flow list
    ASSERT_TRUE(root.has_value()) << one.text;
    EXPECT_EQ(find(*root, "k")->items.at(0).kind, one.kind) << one.text;
  }
}

TEST(Yaml, AcceptsAByteOrderMarkAndLineEndsOfWindows) {
  const auto root = parse_yaml(
                        "\xEF\xBB\xBF"
                        "a: 1\r\nb: two\r\n",
                        "r.yaml")
                        .value();
  EXPECT_EQ(find(root, "b")->scalar, "two");
  EXPECT_EQ(find(root, "b")->mark.line, 2U);
}

TEST(Yaml, RefusesWhatARecipeMustNotHold) {
  const struct {
    std::string text, error;
  } cases[] = {
      {"", "r.yaml:1:1: error: the recipe is empty\n\n^\n  hint: start with \"recipe: 1\" and \"role: NAME\""},
      {"# nothing\n",
       "r.yaml:1:1: error: the recipe is empty\n# nothing\n^\n  hint: start with \"recipe: 1\" and \"role: NAME\""},
      {"a: 1\nb: 2\na: 3\n",
       "r.yaml:3:1: error: the key \"a\" stands twice\na: 3\n^\n  hint: it stands first at r.yaml:1"},
      {"a: &x 1\nb: *x\n",
       "r.yaml:1:4: error: anchors and aliases are not allowed in a recipe\na: &x 1\n   ^\n"
       "  hint: write the value out, or inherit it with from:"},
      {"a: !!int \"1\"\n",
       "r.yaml:1:4: error: tags are not allowed in a recipe\na: !!int \"1\"\n   ^\n"
       "  hint: leave the tag out; quote a value that is to be text"},
      {"a: 1\n---\nb: 2\n",
       "r.yaml:2:1: error: a recipe is one document, and here a second one starts\n---\n^\n  hint: put it into a file "
       "of its own"},
      {"? [a, b]\n: c\n", "r.yaml:1:3: error: a key must be text\n? [a, b]\n  ^\n  hint: write key: value"},
      {"~: c\n", "r.yaml:1:1: error: a key must be text\n~: c\n^\n  hint: write key: value"},
      {"a: [1\n",
       "r.yaml:1:4: error: this \"[\" is never closed\na: [1\n   ^\n  hint: write \"]\" where the list ends"},
      {"b:\n  a: [1, 'it''s ]', # ]\n      2\nc: []\nd: 1\n",
       "r.yaml:2:6: error: this \"[\" is never closed\n  a: [1, 'it''s ]', # ]\n     ^\n"
       "  hint: write \"]\" where the list ends"},
      {"a: {b: [1, 2]\nc: 3\n",
       "r.yaml:1:4: error: this \"{\" is never closed\na: {b: [1, 2]\n   ^\n  hint: write \"}\" where the map ends"},
      {"a: [1, {b: \"}\", c: it's\n",
       "r.yaml:1:8: error: this \"{\" is never closed\na: [1, {b: \"}\", c: it's\n       ^\n"
       "  hint: write \"}\" where the map ends"},
      {"a: ['x' 'y']\n",
       "r.yaml:1:9: error: this is not YAML: end of sequence flow not found\na: ['x' 'y']\n        ^\n"
       "  hint: check the indentation and the quotes here"},
      {"a: [1}\n",
       "r.yaml:1:6: error: this is not YAML: illegal flow end\na: [1}\n     ^\n"
       "  hint: check the indentation and the quotes here"},
      {"a: 'x\nb: 2\n",
       "r.yaml:1:4: error: this quote is never closed\na: 'x\n   ^\n  hint: close it where the text ends"},
      {"a: 'it''s\n",
       "r.yaml:1:4: error: this quote is never closed\na: 'it''s\n   ^\n  hint: close it where the text ends"},
      {"a: \"x\\\"\n",
       "r.yaml:1:4: error: this quote is never closed\na: \"x\\\"\n   ^\n  hint: close it where the text ends"},
      {"a: \"x",
       "r.yaml:1:6: error: this is not YAML: illegal EOF in scalar\na: \"x\n     ^\n"
       "  hint: check the indentation and the quotes here"},
      {"a: ! 'x'\n",
       "r.yaml:1:4: error: tags are not allowed in a recipe\na: ! 'x'\n   ^\n"
       "  hint: leave the tag out; quote a value that is to be text"},
      {"a: b: c\n",
       "r.yaml:1:5: error: this is not YAML: illegal map value\na: b: c\n    ^\n"
       "  hint: check the indentation and the quotes here"},
      {"a: \xFF\n", "r.yaml:1:4: error: this is not UTF-8\na: ?\n   ^\n  hint: save the recipe as UTF-8"},
      {"a: 1\nb: \x1B[2J\n",
       "r.yaml:2:4: error: control characters are not allowed in a recipe\nb: ?[2J\n   ^\n"
       "  hint: write it as an escape, such as \"\\x1b\" in double quotes"},
  };
  for (const auto& one : cases) EXPECT_EQ(error_of(one.text), one.error) << one.text;
}

TEST(Yaml, PutsTheCaretUnderTheCharacterNotTheByte) {
  EXPECT_EQ(error_of("a: {\xC3\xBC: 1, \xC3\xBC: 2}\n"),
            "r.yaml:1:12: error: the key \"\xC3\xBC\" stands twice\na: {\xC3\xBC: 1, \xC3\xBC: 2}\n          ^\n"
            "  hint: it stands first at r.yaml:1");
}

TEST(Yaml, KeepsTabsInFrontOfTheCaret) {
  EXPECT_EQ(error_of("a: {b: 1,\t\tb: 2}\n"),
            "r.yaml:1:12: error: the key \"b\" stands twice\na: {b: 1,\t\tb: 2}\n         \t\t^\n"
            "  hint: it stands first at r.yaml:1");
}

TEST(Yaml, ShowsAWindowOfALongLine) {
  const auto error = error_of("a: [" + std::string(5000, 'x') + ", *y, " + std::string(5000, 'z') + "]\n");
  EXPECT_LT(error.size(), 500U);
  EXPECT_NE(error.find("*y"), std::string::npos) << error;
}

TEST(Yaml, BoundsSizeDepthAndNumber) {
  EXPECT_EQ(error_of(std::string(kMaxRecipeBytes + 1, '#')),
            "\"r.yaml\" is larger than 1 MiB\n  hint: a recipe is a page of text: is this the right file?");
  EXPECT_EQ(
      error_of(std::string(17, '[') + std::string(17, ']')).find("r.yaml:1:17: error: this is nested too deeply\n"),
      0U);
  std::string many = "a: [";
  for (std::size_t i = 0; i < kMaxRecipeNodes; ++i) many += "1,";
  EXPECT_NE(error_of(many + "]\n").find("error: a recipe holds at most 20000 values\n"), std::string::npos);
  std::string deep;
  for (int i = 0; i < 400; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_NE(error_of(deep).find("error: this is nested too deeply\n"), std::string::npos);
}

}  // namespace
}  // namespace reburst::recipe
