#include "signing/authenticode/der.hpp"

#include <gtest/gtest.h>

namespace reburst::authenticode::der {
namespace {

using namespace std::string_view_literals;

TEST(Der, LengthsHaveTheShortestForm) {
  EXPECT_EQ(element(kOctetString, "abc"), "\x04\x03\x61\x62\x63");
  EXPECT_EQ(element(kOctetString, std::string(127, 'x')).substr(0, 2), "\x04\x7f");
  EXPECT_EQ(element(kOctetString, std::string(128, 'x')).substr(0, 3), "\x04\x81\x80");
  EXPECT_EQ(element(kOctetString, std::string(256, 'x')).substr(0, 4), "\x04\x82\x01\x00"sv);
  EXPECT_EQ(element(kSequence, {"ab", "cd"}),
            "\x30\x04"
            "abcd");
}

TEST(Der, TakesWhatItWrote) {
  for (const std::size_t size : {0, 1, 127, 128, 255, 256, 65535, 65536, 70000}) {
    const auto whole = element(kSequence, std::string(size, 'y')) + "rest";
    std::string_view from = whole;
    const auto content = take(from, kSequence);
    ASSERT_TRUE(content) << size;
    EXPECT_EQ(content->size(), size);
    EXPECT_EQ(from, "rest");
  }
}

TEST(Der, RefusesWhatIsNotDer) {
  for (const auto text : {""sv, "\x30"sv, "\x30\x01"sv, "\x31\x00"sv, "\x30\x80"sv, "\x30\x80\x00\x00"sv, "\x30\x81"sv,
                          "\x30\x81\x7f"sv, "\x30\x82\x00\x80"sv, "\x30\x84\xff\xff\xff\xff"sv,
                          "\x30\x88\x00\x00\x00\x00\x00\x00\x00\x00"sv, "\x30\x83\xff\xff\xff"sv}) {
    std::string_view from = text;
    EXPECT_FALSE(take(from, kSequence));
    EXPECT_EQ(from, text) << "nothing was taken";
  }
}

}  // namespace
}  // namespace reburst::authenticode::der
