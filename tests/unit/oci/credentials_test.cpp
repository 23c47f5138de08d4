#include "registry/oci/credentials.hpp"

#include <gtest/gtest.h>

namespace reburst::oci {
namespace {

constexpr const char* kDestination = "registry.example.org:5000/images/web";

// "USER:PASSWORD", "none", or the refusal.
std::string found(const std::string& text, const std::string& destination = kDestination) {
  const auto credentials = find_credentials(text, "auth.json", destination);
  if (!credentials) return credentials.error().render();
  return *credentials ? (*credentials)->user + ":" + (*credentials)->password : "none";
}

std::string refusal(const std::string& why, const std::string& hint) {
  return "cannot use the auth file \"auth.json\": " + why + "\n  hint: " + hint;
}

// base64 of "robot:s3:cret", "wide:a" and "narrow:b"
constexpr const char* kRobot = R"({"auth":"cm9ib3Q6czM6Y3JldA=="})";
constexpr const char* kWide = R"({"auth":"d2lkZTph"})";
constexpr const char* kNarrow = R"({"auth":"bmFycm93OmI="})";

std::string auths(const std::string& members) {
  return R"({"auths":{)" + members + "}}";
}

TEST(Credentials, AreThoseOfTheRegistry) {
  EXPECT_EQ(found(auths(R"("registry.example.org:5000":)" + std::string(kRobot))), "robot:s3:cret");
  EXPECT_EQ(found(auths(R"("https://registry.example.org:5000/v1/":)" + std::string(kRobot))), "robot:s3:cret");
}

TEST(Credentials, AreNotThoseOfAnother) {
  for (const auto* key :
       {"registry.example.org", "example.org:5000", "registry.example.org:5000/images/we",
        "registry.example.org:5000/image", "registry.example.org:50000", "http://registry.example.org"})
    EXPECT_EQ(found(auths("\"" + std::string(key) + "\":" + kRobot)), "none") << key;
  EXPECT_EQ(found("{}"), "none");
  EXPECT_EQ(found(auths("")), "none");
}

TEST(Credentials, AreTheNarrowestOfSeveral) {
  const std::string wide = R"("registry.example.org:5000":)" + std::string(kWide);
  const std::string narrow = R"(,"registry.example.org:5000/images":)" + std::string(kNarrow);
  EXPECT_EQ(found(auths(wide + narrow)), "narrow:b");
  EXPECT_EQ(found(auths(wide + narrow), "registry.example.org:5000/other/web"), "wide:a");
}

TEST(Credentials, LoseDockersPadding) {
  EXPECT_EQ(found(auths(R"("registry.example.org:5000":{"auth":"YTpiAAA="})")), "a:b");
}

TEST(Credentials, AreNotMadeUpWhereAHelperOrATokenStands) {
  const auto expected =
      refusal("what it has for \"registry.example.org:5000\" is not a password, but a credential helper's or a token",
              "give --username and --password-stdin, or log in to a file: skopeo login --authfile FILE "
              "registry.example.org:5000");
  EXPECT_EQ(found(R"({"auths":{"registry.example.org:5000":{}},"credsStore":"secretservice"})"), expected);
  EXPECT_EQ(found(R"({"credHelpers":{"registry.example.org:5000":"ecr"}})"), expected);
  EXPECT_EQ(found(auths(R"("registry.example.org:5000":{"identitytoken":"x"})")), expected);
  EXPECT_EQ(found(R"({"auths":{},"credsStore":"secretservice"})"), "none");
}

TEST(Credentials, AreRefusedWhenTheFileIsNone) {
  const auto expected = refusal("it is no JSON object with \"auths\"",
                                "skopeo login --authfile FILE registry.example.org:5000 writes one");
  for (const auto* text : {"", "[]", "{", R"({"auths":[]})", "auth"}) EXPECT_EQ(found(text), expected) << text;
  EXPECT_EQ(found(auths(R"("registry.example.org:5000":"robot")")),
            refusal("its entry for \"registry.example.org:5000\" is no object", "remove the entry, and log in again"));
}

TEST(Credentials, AreNotShownWhenTheyAreMalformed) {
  const auto expected = refusal("\"auth\" of \"registry.example.org:5000\" is no base64 of USER:PASSWORD",
                                "log in again: skopeo login --authfile auth.json registry.example.org:5000");
  for (const auto* auth : {"s3cret", "czNjcmV0", "OnMzY3JldA=="})  // no base64; no colon; no user
    EXPECT_EQ(found(auths(R"("registry.example.org:5000":{"auth":")" + std::string(auth) + "\"}")), expected) << auth;
}

}  // namespace
}  // namespace reburst::oci
