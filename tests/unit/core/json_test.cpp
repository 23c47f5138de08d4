#include "core/json.hpp"

#include <gtest/gtest.h>

namespace reburst {

TEST(CanonicalJson, SortsKeysAndLeavesNoBlanks) {
  EXPECT_EQ(canonical_json({{"b", 1}, {"a", {{"d", true}, {"c", nullptr}}}, {"text", "é\n\"\\"}}),
            "{\"a\":{\"c\":null,\"d\":true},\"b\":1,\"text\":\"é\\n\\\"\\\\\"}\n");
}

TEST(CanonicalJson, RefusesWhatHasNoOneForm) {
  EXPECT_THROW((void)canonical_json({{"a", 1.5}}), std::invalid_argument);
  EXPECT_THROW((void)canonical_json({{"a", "\xff"}}), std::invalid_argument);
}

TEST(ParseJson, IsTheInverse) {
  const Json value = {{"a", {1, 2, -3}}, {"b", {{"c", ""}}}};
  EXPECT_EQ(parse_json(canonical_json(value), "x").value(), value);
}

struct BadJson {
  const char* text;
  const char* message;
};

class ParseJsonRefuses : public testing::TestWithParam<BadJson> {};
TEST_P(ParseJsonRefuses, WithTheReason) {
  const auto result = parse_json(GetParam().text, "x.json", 3);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(result.error().message, std::string("cannot read \"x.json\" as JSON: ") + GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(
    Table, ParseJsonRefuses,
    testing::Values(BadJson{"", "not JSON at byte 1"}, BadJson{"{\"a\":1} x", "not JSON at byte 9"},
                    BadJson{"{\"a\":1,\"a\":2}", "the key \"a\" stands twice"},
                    BadJson{"{\"a\":{\"b\":1,\"b\":2}}", "the key \"b\" stands twice"},
                    BadJson{"{\"\\u001b[1m\\nx\":1,\"\\u001b[1m\\nx\":2}", "the key \"\\u001b[1m\\nx\" stands twice"},
                    BadJson{"\xEF\xBB\xBF{}", "not JSON at byte 1"},
                    BadJson{"[1.5]", "it holds a floating point number"},
                    BadJson{"[43e88597]", "it holds a number that is too large"},
                    BadJson{"[[[[[1]]]]]", "it is nested too deeply"}, BadJson{"\"\xff\"", "not JSON at byte 2"}));

TEST(ParseJson, AcceptsEqualKeysInDifferentObjects) {
  EXPECT_TRUE(parse_json("{\"a\":{\"x\":1},\"b\":[{\"x\":1},{\"x\":2}],\"x\":3}", "x"));
}

TEST(ParseJson, EndsWhereTheTextEnds) {
  using std::string_literals::operator""s;
  for (const std::string& text : {"{}\0{\"a\":1} anything"s, "{}\0"s, "\0{}"s, "{\"a\0b\":1}"s}) {
    const auto parsed = parse_json(text, "x.json");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message,
              "cannot read \"x.json\" as JSON: not JSON at byte " + std::to_string(text.find('\0') + 1));
  }
}

TEST(ParseJson, SurvivesDeepNesting) {
  EXPECT_FALSE(parse_json(std::string(100'000, '['), "x"));
}

}  // namespace reburst
