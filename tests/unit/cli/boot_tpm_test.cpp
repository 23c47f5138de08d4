#include "cli/boot_tpm.hpp"

#include <gtest/gtest.h>

namespace reburst::cli {
namespace {

const measure::Expected kExpected{.boot_program = sha256("4"), .secure_boot = sha256("7"), .sections = sha256("11")};

trial::Registers as_expected() {
  return {{4, sha256("4")}, {7, sha256("7")}, {11, sha256("11")}};
}

TEST(BootTpm, TellsEachRegister) {
  const auto measurements = compare_registers(kExpected, as_expected(), true);
  EXPECT_TRUE(require_equal(measurements, "out/web"));
  EXPECT_EQ(text_of(measurements), "  PCR 4   " + sha256("4").hex() + "  as the manifest says\n  PCR 7   " +
                                       sha256("7").hex() + "  as the manifest says\n  PCR 11  " + sha256("11").hex() +
                                       "  as the manifest says\n");
}

TEST(BootTpm, OneThatDiffersIsAFailedTest) {
  auto registers = as_expected();
  registers[11] = sha256("another");
  const auto differing = require_equal(compare_registers(kExpected, registers, true), "out/web");
  ASSERT_FALSE(differing);
  EXPECT_EQ(differing.error().code, ErrorCode::kTest);
  EXPECT_EQ(differing.error().message,
            "\"out/web\" booted, but its TPM does not hold what the manifest says\n  PCR 11  expected  " +
                sha256("11").hex() + "\n          found     " + sha256("another").hex());
  for (const unsigned number : {4U, 7U}) {
    registers = as_expected();
    registers[number] = Digest();
    EXPECT_FALSE(require_equal(compare_registers(kExpected, registers, true), "out/web")) << number;
  }
}

// Another NVRAM has other keys, and an unsigned release none: the manifest knows no PCR 7 for either.
TEST(BootTpm, OtherKeysAreNotCompared) {
  auto registers = as_expected();
  registers[7] = sha256("other keys");
  const auto measurements = compare_registers(kExpected, registers, false);
  EXPECT_TRUE(require_equal(measurements, "out/web"));
  EXPECT_NE(
      text_of(measurements)
          .find("  PCR 7   " + sha256("other keys").hex() + "  not compared: of other keys than the manifest knows\n"),
      std::string::npos);
  auto unsigned_program = kExpected;
  unsigned_program.secure_boot.reset();
  EXPECT_TRUE(require_equal(compare_registers(unsigned_program, registers, true), "out/web"));
}

TEST(BootTpm, AManifestThatSaysNothingIsRefusedBeforeTheBoot) {
  const auto refused = require_measured_boot(trial::Release{}, "out/web");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kMissing);
  EXPECT_EQ(refused.error().message, "the manifest of \"out/web\" does not say what a TPM should hold after its boot");
  EXPECT_EQ(refused.error().hint,
            "it was built by an earlier version, or with a boot stub that is not known: build it again, or boot it "
            "without --tpm");
}

}  // namespace
}  // namespace reburst::cli
