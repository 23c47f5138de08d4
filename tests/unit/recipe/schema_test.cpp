// The JSON Schema and the tables of format.cpp say the same; schema_test.py tries the schema with a real validator.
#include <algorithm>
#include <set>

#include "builder/recipe/format.hpp"
#include "builder/recipe/yaml.hpp"
#include "core/text.hpp"
#include "tests/unit/recipe/support.hpp"

namespace reburst::recipe::test {
namespace {

std::string type_name(Kind kind) {
  switch (kind) {
    case Kind::kText: return "string";
    case Kind::kNumber: return "integer";
    case Kind::kFlag: return "boolean";
    case Kind::kList: return "array";
    case Kind::kMap: return "object";
    case Kind::kNull: return "null";
  }
  return "";
}

// Every path at which the two differ.
void compare(const Shape& shape, const Json& schema, const std::string& path, std::vector<std::string>& differences) {
  if (shape.otherwise != nullptr) {
    for (const auto& alternative : schema.at("anyOf")) {
      const bool other = alternative.at("type") == type_name(shape.otherwise->kind);
      Shape alone = other ? *shape.otherwise : shape;
      alone.otherwise = nullptr;
      compare(alone, alternative, path, differences);
    }
    return;
  }
  if (schema.value("type", "") != type_name(shape.kind)) differences.push_back(path + ": type");
  if (shape.kind == Kind::kNumber && !schema.contains("const")) {
    if (schema.at("minimum") != shape.low || schema.at("maximum") != shape.high)
      differences.push_back(path + ": range");
  }
  if (shape.kind == Kind::kList && schema.value("minItems", std::size_t{0}) != shape.least)
    differences.push_back(path + ": minItems");
  if (shape.kind == Kind::kList) compare(*shape.item, schema.at("items"), path + "[]", differences);
  if (shape.kind != Kind::kMap) return;
  if (schema.value("additionalProperties", true)) differences.push_back(path + ": additionalProperties");
  std::set<std::string> keys, required, known;
  for (const auto& field : shape.fields) {
    keys.emplace(field.key);
    if (field.required) required.emplace(field.key);
    const auto found = schema.at("properties").find(std::string(field.key));
    if (found != schema.at("properties").end())
      compare(*field.shape, *found, path + "." + std::string(field.key), differences);
  }
  for (const auto& [key, ignored] : schema.at("properties").items()) known.insert(key);
  if (keys != known) differences.push_back(path + ": keys");
  if (required != schema.value("required", std::set<std::string>())) differences.push_back(path + ": required");
}

TEST(Schema, SaysTheSameAsTheProgram) {
  const auto schema = parse_json(schema_text(), "schema").value();
  std::vector<std::string> differences;
  compare(recipe_shape(), schema, "recipe", differences);
  EXPECT_EQ(differences, std::vector<std::string>());
}

TEST(Schema, IsTheFileOfThisTree) {
  EXPECT_EQ(schema_text(), read_file(source_file("recipes/schema/recipe-v1.json"), 1U << 20U).value());
}

// The ```yaml blocks of the reference; a block without "recipe:" is a part of a recipe.
std::vector<std::string> documented_examples() {
  std::vector<std::string> examples;
  bool inside = false;
  const auto text = read_file(source_file("docs/reference/recipe.md"), 1U << 20U).value();
  for (const auto line : split(text, '\n')) {
    if (line == "```yaml") {
      inside = true;
      examples.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      examples.back() += std::string(line) + "\n";
    }
  }
  for (auto& example : examples) {
    if (!example.starts_with("recipe:")) example = "recipe: 1\nrole: example\n" + example;
  }
  return examples;
}

TEST(Schema, EveryDocumentedExampleIsARecipe) {
  const auto examples = documented_examples();
  EXPECT_GE(examples.size(), 10U);
  for (const auto& example : examples) {
    const auto root = parse_yaml(example, "example.yaml");
    ASSERT_TRUE(root.has_value()) << root.error().render();
    const auto valid = validate_recipe(*root);
    EXPECT_TRUE(valid.has_value()) << valid.error().render();
  }
}

TEST(Schema, EveryFieldIsDocumentedByAnExample) {
  std::set<std::string> used;
  for (const auto& example : documented_examples()) {
    const auto root = parse_yaml(example, "example.yaml").value();
    for (const auto& member : root.members) used.insert(member.key);
  }
  for (const auto& field : recipe_shape().fields) EXPECT_TRUE(used.contains(std::string(field.key))) << field.key;
}

}  // namespace
}  // namespace reburst::recipe::test
