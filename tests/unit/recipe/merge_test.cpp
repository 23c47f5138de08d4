#include "builder/recipe/merge.hpp"

#include <gtest/gtest.h>

#include "builder/recipe/format.hpp"
#include "builder/recipe/yaml.hpp"

namespace reburst::recipe {
namespace {

Node merged(std::string_view base, std::string_view heir) {
  return merge(parse_yaml(base, "base.yaml").value(), parse_yaml(heir, "heir.yaml").value(), recipe_shape());
}

// "a b c" of a list of text, "path=content …" of a list of maps.
std::string words(const Node& root, std::string_view map, std::string_view key) {
  std::string out;
  for (const auto& item : find(*find(root, map), key)->items) out += (out.empty() ? "" : " ") + item.scalar;
  return out;
}

TEST(Merge, ScalarsReplace) {
  const auto root =
      merged("{summary: old, packages: {recommends: true}}", "{summary: new, packages: {recommends: false}}");
  EXPECT_EQ(find(root, "summary")->scalar, "new");
  EXPECT_EQ(find_member(root, "summary")->mark.source->name, "heir.yaml");
  EXPECT_EQ(find(*find(root, "packages"), "recommends")->scalar, "false");
}

TEST(Merge, MapsMergeAndListsAdd) {
  const auto root = merged("packages: {install: [a1, b1]}", "packages: {install: [c1], exclude: [d1]}");
  EXPECT_EQ(words(root, "packages", "install"), "a1 b1 c1");
  EXPECT_EQ(words(root, "packages", "exclude"), "d1");
  const auto& items = find(*find(root, "packages"), "install")->items;
  EXPECT_EQ(items[0].mark.source->name, "base.yaml");
  EXPECT_EQ(items[2].mark.source->name, "heir.yaml");
}

TEST(Merge, AnEntryWithTheSameIdentityTakesItsPlace) {
  const auto root =
      merged("{packages: {install: [a1, b1, c1]}, files: [{path: /a, content: old}, {path: /b, content: kept}]}",
             "{packages: {install: [b1=2.0]}, files: [{path: /c, content: added}, {path: /a, content: new}]}");
  EXPECT_EQ(words(root, "packages", "install"), "a1 b1=2.0 c1");
  const auto& files = find(root, "files")->items;
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(find(files[0], "content")->scalar, "new");
  EXPECT_EQ(find(files[1], "content")->scalar, "kept");
  EXPECT_EQ(find(files[2], "content")->scalar, "added");
}

TEST(Merge, CommandsAndKernelWordsMayRepeat) {
  const auto root = merged("{run: [x], kernel: {cmdline: [quiet]}}", "{run: [x], kernel: {cmdline: [quiet]}}");
  EXPECT_EQ(find(root, "run")->items.size(), 2U);
  EXPECT_EQ(words(root, "kernel", "cmdline"), "quiet quiet");
}

TEST(Merge, TheLaterWordWinsBetweenOpposedLists) {
  const auto root = merged(
      "{packages: {install: [a1=1, b1], exclude: [c1]}, services: {enable: [x.service, y.service], mask: [z.service]}}",
      "{packages: {install: [c1], exclude: [a1]}, services: {enable: [z.service], mask: [x.service], disable: "
      "[y.service]}}");
  EXPECT_EQ(words(root, "packages", "install"), "b1 c1");
  EXPECT_EQ(words(root, "packages", "exclude"), "a1");
  EXPECT_EQ(words(root, "services", "enable"), "z.service");
  EXPECT_EQ(words(root, "services", "mask"), "x.service");
  EXPECT_EQ(words(root, "services", "disable"), "y.service");
}

TEST(Merge, AnotherKindReplaces) {
  const std::string list =
      "sources: [{uri: 'https://deb.example.org/debian', suites: [s], components: [main], keyring: k}]";
  EXPECT_EQ(find(merged(list, "sources: host"), "sources")->scalar, "host");
  EXPECT_EQ(find(merged("sources: host", list), "sources")->items.size(), 1U);
  EXPECT_EQ(find(merged(list, list), "sources")->items.size(), 2U);
}

}  // namespace
}  // namespace reburst::recipe
