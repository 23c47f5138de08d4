#include "core/text.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"

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
  EXPECT_EQ(printable(std::string_view("a\0b\x1b[31m\x7f\r", 10)), "a\\x00b\\x1b[31m\\u007f\\x0d");
  EXPECT_EQ(printable("\u009b1m\u00a0\u0085"), "\\u009b1m\u00a0\\u0085");
}

TEST(Text, ShowsWhatHasNoShapeOrTurnsTheLine) {
  for (const auto& [text, shown] :
       {std::pair("\u202e", "\\u202e"), std::pair("\u2066", "\\u2066"), std::pair("\u200f", "\\u200f"),
        std::pair("\u061c", "\\u061c"), std::pair("\u200b", "\\u200b"), std::pair("\u200d", "\\u200d"),
        std::pair("\u2060", "\\u2060"), std::pair("\ufeff", "\\ufeff"), std::pair("\u00ad", "\\u00ad"),
        std::pair("\u2028", "\\u2028"), std::pair("\u3164", "\\u3164"), std::pair("\U000e0041", "\\udb40\\udc41")}) {
    EXPECT_EQ(printable(std::string("a") + text + "b"), std::string("a") + shown + "b");
  }
  // Writing of every direction, emoji, a byte order away from what is hidden.
  for (const auto* text :
       {"für – “nginx” 日本語 עברית العربية हिन्दी", "\u2764\ufe0f \U0001f600", "\u200a\u2010\u202f", "\U0010ffff"})
    EXPECT_EQ(printable(text), text);
}

TEST(Text, ShowsBytesThatAreNoText) {
  EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(printable("\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80|\xf8|\xc3"),
            "\\xc0\\xaf|\\xed\\xa0\\x80|\\xf4\\x90\\x80\\x80|\\xf8|\\xc3");
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80");
  EXPECT_EQ(printable("\xe0\x82\xad|\xf0\x82\x80\x8b"),
            "\\xe0\\x82\\xad|\\xf0\\x82\\x80\\x8b");  // not the shortest form
}

TEST(Text, LeavesJsonTheSameJson) {
  const Json json = {{"reason", "a\u202eb\u0007\u007f\u0085\U000e0041\"\\"}};
  const auto shown = printable(canonical_json(json));
  EXPECT_EQ(shown, "{\"reason\":\"a\\u202eb\\u0007\\u007f\\u0085\\udb40\\udc41\\\"\\\\\"}\n");
  EXPECT_EQ(Json::parse(shown), json);
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
