#include "builder/image/uuid.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"

namespace reburst::image {

TEST(Uuid, PrintsAsItsLiteral) {
  EXPECT_EQ("4f68bce3-e8cd-4db1-96e7-fbcaf984b709"_uuid.text(), "4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
}

TEST(Uuid, StoresTheFirstThreeFieldsLittleEndian) {
  EXPECT_EQ(to_hex("00112233-4455-6677-8899-aabbccddeeff"_uuid.mixed_endian()), "33221100554477668899aabbccddeeff");
}

TEST(Uuid, DerivesVersionEightFromLabelAndContent) {
  const std::string text = derived_uuid("label", "content").text();
  EXPECT_EQ(text[14], '8');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
  EXPECT_EQ(text, derived_uuid("label", "content").text());
  EXPECT_NE(text, derived_uuid("label", "other").text());
  EXPECT_NE(text, derived_uuid("other", "content").text());
}

}  // namespace reburst::image
