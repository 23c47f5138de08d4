#include "boot/json.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/json.hpp"
#include "signing/verify/canonical.hpp"

namespace reburst::boot {
namespace {

TEST(BootJson, ReadsWhatIsThere) {
  const std::string text = R"({"a":[1,"two",{"x":-3}],"b":{"c":true},"d":"","e":"line\nbreak \"q\" \\n"})";
  const auto json = boot::parse_json(text, "test");
  ASSERT_TRUE(json) << json.error().found.view();
  Elements list(json->member("a"));
  std::uint64_t number = 0;
  ASSERT_TRUE(list.next());
  EXPECT_TRUE(list.value().number(number));
  EXPECT_EQ(number, 1U);
  ASSERT_TRUE(list.next());
  EXPECT_EQ(list.value().string(), "two");
  ASSERT_TRUE(list.next());
  EXPECT_EQ(list.value().member("x").text(), "-3");
  EXPECT_FALSE(list.value().member("x").number(number));
  EXPECT_FALSE(list.next());
  EXPECT_TRUE(json->member("b").member("c").is_true());
  EXPECT_TRUE(json->member("d").there());
  EXPECT_EQ(json->member("d").string(), "");
  EXPECT_EQ(json->member("e").string(), R"(line\nbreak \"q\" \\n)");
}

TEST(BootJson, HasNothingWhereThereIsNothing) {
  const auto json = boot::parse_json(R"({"a":1})", "test");
  ASSERT_TRUE(json);
  std::uint64_t number = 0;
  EXPECT_FALSE(json->member("b").there());
  EXPECT_FALSE(json->member("a").member("b").member("c").there());
  EXPECT_FALSE(json->member("a").is_object());
  EXPECT_EQ(json->member("a").string(), "");
  EXPECT_FALSE(boot::Json().number(number));
  EXPECT_FALSE(Members(json->member("a")).next());
  EXPECT_FALSE(Elements(*json).next());
}

TEST(BootJson, GoesThroughMembersInOrder) {
  const auto json = boot::parse_json(R"({"a":{"x":[1,{}]},"b":"}","c":[],"d":0})", "test");
  ASSERT_TRUE(json);
  std::string seen;
  for (Members members(*json); members.next();)
    seen.append(members.key()).append("=").append(members.value().text()).append(";");
  EXPECT_EQ(seen, R"(a={"x":[1,{}]};b="}";c=[];d=0;)");
}

// What is signed of a value is what the registry signs of it.
TEST(BootJson, SignedFormIsTheRegistrysOwn) {
  const reburst::Json value = {{"public", "-----BEGIN\nkey\n"}, {"b", R"(\n "q" \)"}, {"n", 17}, {"u", "ü€😀"}};
  std::string text = canonical_json(value);
  text.pop_back();
  const auto json = boot::parse_json(text, "test");
  ASSERT_TRUE(json) << json.error().found.view();
  std::vector<char> scratch(text.size());
  EXPECT_EQ(signed_form(*json, scratch), signing::canonical_metadata(value));
}

struct Hostile {
  std::string text, expected;
  std::size_t at;
};
class HostileJson : public testing::TestWithParam<Hostile> {};

TEST_P(HostileJson, IsRefused) {
  const auto json = boot::parse_json(GetParam().text, "test");
  ASSERT_FALSE(json) << "accepted";
  EXPECT_EQ(json.error().what.view(), "reading test as canonical JSON");
  EXPECT_EQ(json.error().expected.view(), GetParam().expected);
  EXPECT_EQ(json.error().found.view(), "something else at byte " + std::to_string(GetParam().at));
}

const std::string kNumber = "a value, numbers whole and up to 9007199254740991";
const std::string kString = "a string of UTF-8 without control characters";
const std::string kKeys = "each key once, sorted";
INSTANTIATE_TEST_SUITE_P(
    Each, HostileJson,
    testing::Values(
        Hostile{"", kNumber, 0}, Hostile{" {}", kNumber, 0}, Hostile{"{} ", "nothing after the value", 2},
        Hostile{"{}{}", "nothing after the value", 2}, Hostile{std::string("{}\0", 3), "nothing after the value", 2},
        Hostile{"{", "a string", 1}, Hostile{"[", kNumber, 1}, Hostile{"[1", "\",\" or \"]\"", 2},
        Hostile{"[1,]", kNumber, 3}, Hostile{R"({"a")", "\":\"", 4}, Hostile{R"({"a":1)", "\",\" or \"}\"", 6},
        Hostile{R"({"a":1,})", "a string", 7}, Hostile{R"({"a":1,"a":2})", kKeys, 8},
        Hostile{R"({"b":1,"a":2})", kKeys, 8}, Hostile{R"({"":1,"":2})", kKeys, 7}, Hostile{R"({"\n":1})", kString, 2},
        Hostile{R"({"a\\":1})", kString, 3}, Hostile{"tru", "a value", 0}, Hostile{"nul", "a value", 0},
        Hostile{"1.0", "nothing after the value", 1}, Hostile{"1e3", "nothing after the value", 1},
        Hostile{"01", kNumber, 0}, Hostile{"-0", kNumber, 1}, Hostile{"-", kNumber, 1}, Hostile{"+1", kNumber, 0},
        Hostile{"9007199254740992", kNumber, 0}, Hostile{"-9007199254740992", kNumber, 1},
        Hostile{"99999999999999999999999", kNumber, 0}, Hostile{"\"", kString, 1}, Hostile{"\"a", kString, 2},
        Hostile{"\"\\", kString, 2}, Hostile{"\"\\\"", kString, 3}, Hostile{R"("\u0041")", kString, 2},
        Hostile{R"("\/")", kString, 2}, Hostile{R"("\t")", kString, 2}, Hostile{"\"\n\"", kString, 1},
        Hostile{"\"\x7f\"", kString, 1}, Hostile{std::string("\"\0\"", 3), kString, 1},
        Hostile{"\"\xc0\x80\"", kString, 1}, Hostile{"\"\xc1\xbf\"", kString, 1}, Hostile{"\"\x80\"", kString, 1},
        Hostile{"\"\xe0\x9f\xbf\"", kString, 1}, Hostile{"\"\xed\xa0\x80\"", kString, 1},
        Hostile{"\"\xf0\x8f\xbf\xbf\"", kString, 1}, Hostile{"\"\xf4\x90\x80\x80\"", kString, 1},
        Hostile{"\"\xf5\x80\x80\x80\"", kString, 1}, Hostile{"\"\xe2\x82\"", kString, 1},
        Hostile{"\"\xe2\x82", kString, 1}, Hostile{"\"\xe2(\xa1\"", kString, 1},
        Hostile{std::string(33, '[') + "1" + std::string(33, ']'), "at most 32 levels", 33},
        Hostile{std::string(1U << 20U, '['), "at most 32 levels", 33}));

TEST(BootJson, TakesWhatIsJustAllowed) {
  for (const std::string text : {"9007199254740991", "-9007199254740991", "\"\xc2\x80\"", "\"\xed\x9f\xbf\"",
                                 "\"\xee\x80\x80\"", "\"\xf4\x8f\xbf\xbf\"", "null", "[]", "[[],{}]", R"({"":0})"}) {
    EXPECT_TRUE(boot::parse_json(text, "test")) << text;
  }
  EXPECT_TRUE(boot::parse_json(std::string(32, '[') + "1" + std::string(32, ']'), "test"));
}

}  // namespace
}  // namespace reburst::boot
