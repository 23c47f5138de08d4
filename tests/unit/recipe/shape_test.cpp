#include "builder/recipe/shape.hpp"

#include <gtest/gtest.h>

namespace reburst::recipe {
namespace {

TEST(Shape, SuggestsTheNearestWord) {
  const std::vector<std::string> keys = {"install", "exclude", "recommends", "local"};
  const struct {
    const char* word;
    std::optional<std::string> meant;
  } cases[] = {
      {"instal", "install"},
      {"isntall", "install"},
      {"Install", "install"},
      {"excludes", "exclude"},
      {"recomends", "recommends"},
      {"lcoal", "local"},
      {"remove", {}},
      {"x", {}},
      {"", {}},
  };
  for (const auto& one : cases) EXPECT_EQ(nearest(one.word, keys), one.meant) << one.word;
  EXPECT_EQ(nearest(std::string(100000, 'i'), keys), std::nullopt) << "no time is spent on absurd words";
}

TEST(Shape, ReadsWholeNumbers) {
  EXPECT_EQ(whole_number("80"), 80);
  EXPECT_EQ(whole_number("-1"), -1);
  EXPECT_EQ(whole_number("9223372036854775807"), INT64_MAX);
  for (const auto* bad : {"", "9223372036854775808", "1.5", "0x10", " 1", "1 ", "+1"})
    EXPECT_EQ(whole_number(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace reburst::recipe
