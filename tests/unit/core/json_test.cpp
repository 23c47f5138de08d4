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
INSTANTIATE_TEST_SUITE_P(Table, ParseJsonRefuses,
                         testing::Values(BadJson{"", "not JSON at byte 1"},
                                         BadJson{"{\"a\":1} x", "not JSON at byte 9"},
                                         BadJson{"{\"a\":1,\"a\":2}", "the key \"a\" stands twice"},
                                         BadJson{"{\"a\":{\"b\":1,\"b\":2}}", "the key \"b\" stands twice"},
                                         BadJson{"[1.5]", "it holds a floating point number"},
                                         BadJson{"[43e88597]", "it holds a number that is too large"},
                                         BadJson{"[[[[[1]]]]]", "it is nested too deeply"},
                                         BadJson{"\"\xff\"", "not JSON at byte 2"}));

TEST(ParseJson, AcceptsEqualKeysInDifferentObjects) {
  EXPECT_TRUE(parse_json("{\"a\":{\"x\":1},\"b\":[{\"x\":1},{\"x\":2}],\"x\":3}", "x"));
}

TEST(ParseJson, SurvivesDeepNesting) {
  EXPECT_FALSE(parse_json(std::string(100'000, '['), "x"));
}

}  // namespace reburst
