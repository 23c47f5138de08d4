#include <gtest/gtest.h>

#include "signing/verify/dsse.hpp"

namespace reburst::signing {
namespace {

// RFC 4648, 10.
TEST(Base64, IsThatOfTheStandard) {
  const std::vector<std::pair<std::string, std::string>> kVectors = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"},
                                                                     {"\xfb\xff\xfe", "+//+"}};
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(parse_base64(text, "x").value(), bytes);
  }
}

TEST(Base64, TakesEveryByteBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(parse_base64(base64(bytes), "x").value(), bytes);
  }
}

TEST(Base64, HasOneTextForOneValue) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm8=Zm8=", "Zg==\n", "Zm 9",
                           "-__-", "Zm9v\n", "Zg=a", "\xff\xff\xff\xff"}) {
    const auto bytes = parse_base64(text, "x.json");
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(bytes.error().message, "\"x.json\" holds base64 that is not canonical");
  }
}

}  // namespace
}  // namespace reburst::signing
