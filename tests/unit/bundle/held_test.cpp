#include "registry/repository/held.hpp"

#include <gtest/gtest.h>

namespace reburst::registry {
namespace {

TEST(Held, ComesBackFromItsText) {
  const auto text = held_text({"web-stable", "db-dev"});
  EXPECT_EQ(text, "{\"channels\":[\"db-dev\",\"web-stable\"],\"format\":\"reburst-bundle\",\"version\":1}\n");
  const auto parsed = parse_held(text, "bundle.json");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, (std::vector<std::string>{"db-dev", "web-stable"}));
}

TEST(Held, RefusesEverythingElse) {
  const std::pair<const char*, const char*> cases[] = {
      {"{\"channels\":[\"a\"],\"format\":\"other\",\"version\":1}\n", "it is not of a bundle of Reburst"},
      {"[]\n", "it is not of a bundle of Reburst"},
      {"{\"channels\":[\"a\"],\"format\":\"reburst-bundle\",\"version\":2}\n",
       "it is of another version of the format"},
      {"{\"channels\":[],\"format\":\"reburst-bundle\",\"version\":1}\n", "it names no channels"},
      {"{\"channels\":[1],\"format\":\"reburst-bundle\",\"version\":1}\n", "it names no channels"},
      {"{\"format\":\"reburst-bundle\",\"version\":1}\n", "it names no channels"},
      {"{\"channels\":[\"b\",\"a\"],\"format\":\"reburst-bundle\",\"version\":1}\n", "it is not in canonical form"},
      {"{\"channels\":[\"a\",\"a\"],\"format\":\"reburst-bundle\",\"version\":1}\n", "it is not in canonical form"},
      {"{\"channels\":[\"a\"],\"format\":\"reburst-bundle\",\"more\":1,\"version\":1}\n",
       "it is not in canonical form"},
      {"{\"channels\":[\"a\"],\"format\":\"reburst-bundle\",\"version\":1}", "it is not in canonical form"},
  };
  for (const auto& [text, why] : cases) {
    const auto parsed = parse_held(text, "bundle.json");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(parsed.error().message, std::string("cannot accept \"bundle.json\": ") + why) << text;
  }
}

}  // namespace
}  // namespace reburst::registry
