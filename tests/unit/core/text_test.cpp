#include "core/text.hpp"

#include <gtest/gtest.h>

namespace reburst {

using Views = std::vector<std::string_view>;

TEST(Text, SplitsFieldsAndWords) {
  EXPECT_EQ(split("a,,b", ','), (Views{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (Views{""}));
  EXPECT_EQ(split_words("  a\tb \n c"), (Views{"a", "b", "c"}));
  EXPECT_EQ(split_words(" \n"), Views{});
  EXPECT_EQ(trim(" \t x y\r\n"), "x y");
}

TEST(Text, ParsesDecimalStrictly) {
  EXPECT_EQ(parse_decimal("18446744073709551615"), 18446744073709551615ULL);
  for (const auto* bad : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_decimal(bad)) << bad;
}

TEST(Text, ShowsSizesInBinaryUnits) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(1023), "1023 B");
  EXPECT_EQ(human_size(1536), "1.5 KiB");
  EXPECT_EQ(human_size(402'653'184), "384.0 MiB");
}

TEST(Text, TakesTheLastLines) {
  EXPECT_EQ(tail_lines("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(tail_lines("a\nb", 9), "a\nb");
  EXPECT_EQ(tail_lines("", 3), "");
  EXPECT_EQ(tail_lines("\na", 1), "a");
}

TEST(Text, Indents) {
  EXPECT_EQ(indent("a\nb", "  "), "  a\n  b");
}

}  // namespace reburst
