#include "signing/verify/canonical.hpp"

#include <gtest/gtest.h>

namespace reburst::signing {
namespace {

TEST(CanonicalMetadata, IsCanonicalJsonWithoutItsNewline) {
  const Json value = {
      {"b", {1, -2, true, nullptr}}, {"a", {{"é", "\"\\/"}, {"", Json::array()}}}, {"c", Json::object()}};
  EXPECT_EQ(canonical_metadata(value) + "\n", canonical_json(value));
}

// OLPC canonical JSON escapes the quotation mark and the backslash alone.
TEST(CanonicalMetadata, LeavesLineBreaksAsTheyAre) {
  EXPECT_EQ(canonical_metadata({{"a", "1\n2\t3"}}), "{\"a\":\"1\n2\t3\"}");
}

TEST(CanonicalMetadata, HoldsNoFloat) {
  EXPECT_THROW((void)canonical_metadata({{"a", 1.5}}), std::invalid_argument);
}

TEST(Hex, HasOneTextForOneValue) {
  EXPECT_EQ(hex(std::string_view("\x00\xff\x7f", 3)), "00ff7f");
  EXPECT_EQ(parse_hex("00ff7f").value(), std::string("\x00\xff\x7f", 3));
  EXPECT_EQ(parse_hex("").value(), "");
  for (const auto* text : {"0", "0g", "FF", "0 ", "0x", "fF"}) EXPECT_FALSE(parse_hex(text)) << text;
}

}  // namespace
}  // namespace reburst::signing
