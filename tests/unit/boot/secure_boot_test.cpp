#include "boot/secure_boot.hpp"

#include <gtest/gtest.h>

#include <string>

#include "boot/console.hpp"

namespace reburst::boot {
namespace {

std::string variable(char attributes, const std::string& value) {
  return std::string{attributes, '\0', '\0', '\0'} + value;
}

TEST(EfiFlag, IsAByteBehindFourOfAttributes) {
  EXPECT_EQ(parse_efi_flag(variable(6, std::string(1, '\0'))), EfiFlag::kClear);
  EXPECT_EQ(parse_efi_flag(variable(6, "\x01")), EfiFlag::kSet);
}

TEST(EfiFlag, IsMalformedOtherwise) {
  const std::string set = variable(6, "\x01");
  for (std::size_t size = 0; size < set.size(); ++size)
    EXPECT_EQ(parse_efi_flag(set.substr(0, size)), EfiFlag::kMalformed);
  EXPECT_EQ(parse_efi_flag(set + '\0'), EfiFlag::kMalformed);
  EXPECT_EQ(parse_efi_flag(variable(6, "\x02")), EfiFlag::kMalformed);
  EXPECT_EQ(parse_efi_flag(variable(6, "\xff")), EfiFlag::kMalformed);
  EXPECT_EQ(parse_efi_flag(std::string("\x06\0\0\x80\x01", 5)), EfiFlag::kMalformed);
}

// A system may write a variable of this name into firmware without Secure Boot; it stays there, as the firmware's own
// does not.
TEST(EfiFlag, IsMalformedWhenItOutlivesAReset) {
  EXPECT_EQ(parse_efi_flag(variable(7, "\x01")), EfiFlag::kMalformed);
  EXPECT_EQ(parse_efi_flag(variable(0, "\x01")), EfiFlag::kMalformed);
}

TEST(SecureBoot, IsOnOnlyWhenBothVariablesSaySo) {
  using enum EfiFlag;
  const struct {
    EfiFlag secure_boot, setup_mode;
    SecureBoot state;
  } cases[] = {
      {kSet, kClear, SecureBoot::kOn},          {kClear, kClear, SecureBoot::kOff},
      {kMissing, kMissing, SecureBoot::kOff},   {kMissing, kClear, SecureBoot::kOff},
      {kClear, kMissing, SecureBoot::kOff},     {kClear, kSet, SecureBoot::kSetupMode},
      {kSet, kSet, SecureBoot::kSetupMode},     {kMissing, kSet, SecureBoot::kSetupMode},
      {kSet, kMissing, SecureBoot::kUnknown},   {kMalformed, kClear, SecureBoot::kUnknown},
      {kSet, kMalformed, SecureBoot::kUnknown}, {kMalformed, kSet, SecureBoot::kUnknown},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(judge(each.secure_boot, each.setup_mode), each.state)
        << static_cast<int>(each.secure_boot) << " " << static_cast<int>(each.setup_mode);
  }
}

TEST(SecureBoot, HasAWordForTheReport) {
  using enum SecureBoot;
  std::string all;
  for (const SecureBoot each : {kOn, kOff, kSetupMode, kNoEfi, kUnknown}) all += std::string(name(each)) + " ";
  EXPECT_EQ(all, "on off setup_mode no_efi unknown ");
}

std::string frame(SecureBoot state) {
  const std::string text(frame_of(not_secure(state), BootConf{}).view());
  return text.substr(0, text.find("  next"));
}

TEST(SecureBoot, ARefusalSaysWhatWasFoundAndWhatToDo) {
  EXPECT_EQ(frame(SecureBoot::kOff),
            "\n==== reburst: boot refused ====\n"
            "  while     checking Secure Boot\n"
            "  expected  on: this release requires it\n"
            "  found     off: the firmware starts whatever the disk holds\n"
            "  do        enroll the keys that signed this release in the firmware, and turn Secure Boot on\n");
  EXPECT_EQ(frame(SecureBoot::kSetupMode),
            "\n==== reburst: boot refused ====\n"
            "  while     checking Secure Boot\n"
            "  expected  on: this release requires it\n"
            "  found     in setup mode: the firmware has no platform key, and checks nothing\n"
            "  do        enroll the keys that signed this release in the firmware, and turn Secure Boot on\n");
  EXPECT_EQ(frame(SecureBoot::kNoEfi),
            "\n==== reburst: boot refused ====\n"
            "  while     checking Secure Boot\n"
            "  expected  on: this release requires it\n"
            "  found     absent: this machine was not started by UEFI firmware\n"
            "  do        start the machine by UEFI firmware with Secure Boot, not by BIOS or a kernel handed to it\n");
  EXPECT_EQ(frame(SecureBoot::kUnknown),
            "\n==== reburst: boot refused ====\n"
            "  while     checking Secure Boot\n"
            "  expected  on: this release requires it\n"
            "  found     unknown: the firmware's variables cannot be read, or are not as UEFI has them\n"
            "  do        enroll the keys that signed this release in the firmware, and turn Secure Boot on\n");
}

}  // namespace
}  // namespace reburst::boot
