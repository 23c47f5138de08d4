#include "boot/registers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reburst::boot {
namespace {

TEST(Register, IsDigitsOfEitherCaseAndANewline) {
  std::array<std::uint8_t, 32> value{};
  ASSERT_TRUE(parse_register("0F0e" + std::string(60, '0') + "\n", value));
  EXPECT_EQ(value[0], 0x0f);
  EXPECT_EQ(value[1], 0x0e);
}

TEST(Register, IsNothingElse) {
  std::array<std::uint8_t, 32> value{};
  const std::string zeros(64, '0');
  for (const std::string& bad : {zeros, zeros + "0\n", zeros.substr(1) + "\n", zeros.substr(1) + "g\n",
                                 zeros.substr(1) + "\n\n", std::string("\n"), std::string()}) {
    EXPECT_FALSE(parse_register(bad, value)) << bad;
  }
}

}  // namespace
}  // namespace reburst::boot
