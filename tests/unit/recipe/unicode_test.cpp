#include "builder/recipe/unicode.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reburst::recipe {
namespace {

TEST(Unicode, FindsTheFirstByteThatIsNotUtf8) {
  const struct {
    std::string text;
    std::optional<std::size_t> bad;
  } cases[] = {
      {"", {}},
      {"plain", {}},
      {"gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80", {}},
      {"a\xFFz", 1},             // never a byte of UTF-8
      {"ab\x80", 2},             // a continuation alone
      {"\xC0\xAF", 0},           // overlong /
      {"\xE0\x80\xAF", 0},       // overlong, three bytes
      {"\xF0\x80\x80\xAF", 0},   // overlong, four bytes
      {"x\xED\xA0\x80", 1},      // a surrogate
      {"\xF4\x90\x80\x80", 0},   // above U+10FFFF
      {"\xF4\x8F\xBF\xBF", {}},  // U+10FFFF
      {"\xF5\x80\x80\x80", 0},
      {"abc\xE2\x82", 3},  // cut short
      {"\xC3(", 0},
  };
  for (const auto& one : cases) EXPECT_EQ(find_invalid_utf8(one.text), one.bad) << one.text;
}

TEST(Unicode, FindsControlCharacters) {
  const struct {
    std::string text;
    std::optional<std::size_t> bad;
  } cases[] = {
      {"tab\tline\nend\r\n", {}},   {"bell\x07", 4},
      {std::string("nul\0", 4), 3}, {"cr\rx", 2},
      {"esc \x1B[2J", 4},           {"\x7F", 0},
      {"c1 \xC2\x85", 3},           {"override \xE2\x80\xAE", 9},  // U+202E turns the line around
      {"mark \xEF\xBB\xBF", 5},     {"\xC3\xBC", {}},
  };
  for (const auto& one : cases) EXPECT_EQ(find_control(one.text), one.bad) << one.text;
}

TEST(Unicode, QuotesText) {
  EXPECT_EQ(double_quoted("a \"b\" \\ c\n\t"), R"("a \"b\" \\ c\n\t")");
  EXPECT_EQ(double_quoted("\x01\x7F\r"), R"("\u0001\u007f\u000d")");
  EXPECT_EQ(double_quoted("\xE2\x80\xA8\xEF\xBB\xBF"), R"("\u2028\ufeff")");
  EXPECT_EQ(double_quoted("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"), "\"gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80\"");
}

}  // namespace
}  // namespace reburst::recipe
