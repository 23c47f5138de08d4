#include "registry/oci/challenge.hpp"

#include <gtest/gtest.h>

namespace reburst::oci {
namespace {

TEST(Challenges, AreReadWithTheirParameters) {
  const auto found = parse_challenges(
      "Basic realm=\"a \\\"b\\\"\", BEARER Realm=\"https://auth.example.org/token\",service=registry , "
      "scope=\"repository:web:pull,push\"");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].scheme, "basic");
  EXPECT_EQ(found[0].parameters.at("realm"), "a \"b\"");
  EXPECT_EQ(found[1].scheme, "bearer");
  EXPECT_EQ(found[1].parameters.at("realm"), "https://auth.example.org/token");
  EXPECT_EQ(found[1].parameters.at("service"), "registry");
  EXPECT_EQ(found[1].parameters.at("scope"), "repository:web:pull,push");
}

TEST(Challenges, OfNonsenseAreNone) {
  EXPECT_TRUE(parse_challenges("").empty());
  EXPECT_TRUE(parse_challenges("=\"x\"").empty());
  EXPECT_TRUE(parse_challenges("realm=\"x\"").empty());
  EXPECT_TRUE(parse_challenges("Bearer realm=\"x").front().parameters.empty());
  EXPECT_TRUE(parse_challenges("Bearer realm=\"x\\").front().parameters.empty());
  EXPECT_EQ(parse_challenges("Bearer realm=\"x\", realm=\"y\"").front().parameters.at("realm"), "x");
}

TEST(Token, IsReadUnderEitherName) {
  EXPECT_EQ(*parse_token(R"({"token":"a.b-c","expires_in":300})", "auth.example.org"), "a.b-c");
  EXPECT_EQ(*parse_token(R"({"access_token":"abc"})", "auth.example.org"), "abc");
  EXPECT_EQ(*parse_token(R"({"token":"","access_token":"abc"})", "auth.example.org"), "abc");
}

TEST(Token, IsRefusedWhereItCannotBeOne) {
  struct Case {
    std::string answer, why;
  };
  for (const auto& each :
       {Case{"<html>", "its answer is no JSON object"}, Case{"[]", "its answer is no JSON object"},
        Case{"{}", "its answer has no token"}, Case{R"({"token":7})", "its answer has no token"},
        Case{R"({"token":"a\r\nX: y"})", "its token cannot stand in a header"},
        Case{R"({"token":"a b"})", "its token cannot stand in a header"},
        Case{R"({"token":")" + std::string(70'000, 'a') + "\"}", "its token cannot stand in a header"}}) {
    const auto token = parse_token(each.answer, "auth.example.org");
    ASSERT_FALSE(token) << each.answer.substr(0, 80);
    EXPECT_EQ(token.error().render(), "cannot get a token from \"auth.example.org\": " + each.why +
                                          "\n  hint: check the registry's address, and the user's name and password");
    EXPECT_EQ(token.error().code, ErrorCode::kNetwork);
  }
}

}  // namespace
}  // namespace reburst::oci
