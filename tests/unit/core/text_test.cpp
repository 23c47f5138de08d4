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

TEST(Text, ShowsControlCharactersInsteadOfSendingThem) {
  EXPECT_EQ(printable("one\n\ttwo…"), "one\n\ttwo…");
  EXPECT_EQ(printable(std::string_view("a\0b\x1b[31m\x7f\r", 10)), "a\\x00b\\x1b[31m\\x7f\\x0d");
  EXPECT_EQ(printable("\xc2\x9b"
                      "1m\xc2\xa0"),
            "\\x9b1m\xc2\xa0");
}

TEST(Text, KnowsPathsThatStayBeneath) {
  for (const auto* path : {"a", "pool/main/a.deb", ".hidden", "a..b/c"}) EXPECT_TRUE(stays_beneath(path)) << path;
  for (const auto* path : {"", "/a", "../a", "a/../b", "a/..", "a//b", "./a", "a/", "a\\b"})
    EXPECT_FALSE(stays_beneath(path)) << path;
}

TEST(Text, WritesOneWordOfAShell) {
  EXPECT_EQ(shell_word("./web-1.0_x:y=@+"), "./web-1.0_x:y=@+");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("my file"), "'my file'");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
}

TEST(Text, Indents) {
  EXPECT_EQ(indent("a\nb", "  "), "  a\n  b");
}

}  // namespace reburst
