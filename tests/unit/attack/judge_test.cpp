#include "attack/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/attack/subjects.hpp"

namespace reburst::attack {
namespace {

const std::string kRefusal =
    "==== reburst: boot refused ====\n  while     x\n  do        y\n  next      power off in 5 s\n==== reburst ====\n";
const std::string kPanic = "Kernel panic - not syncing: dm-verity device corrupted\n";

std::string announced(const Subject& subject) {
  return subject.announcement() + "\n";
}

TEST(Outcome, IsWhatTheConsoleShows) {
  const auto subject = some_subject();
  EXPECT_EQ(outcome_of(announced(subject), subject), Outcome::kBoots);
  EXPECT_EQ(outcome_of(kRefusal, subject), Outcome::kRefused);
  EXPECT_EQ(outcome_of(kPanic, subject), Outcome::kPanics);
  EXPECT_EQ(outcome_of("BdsDxe: failed to load Boot0001: Access Denied\n", subject), Outcome::kFirmwareRefuses);
  EXPECT_EQ(outcome_of("", subject), Outcome::kNothing);
}

TEST(Outcome, OfAnotherReleaseIsNotThisOnes) {
  const auto subject = some_subject();
  auto other = subject;
  other.manifest.root_hash.bytes.fill(0);
  EXPECT_EQ(outcome_of(announced(other), subject), Outcome::kBootsOther);
  other = subject;
  other.manifest.version = "20260711T101638Z";
  EXPECT_EQ(outcome_of(announced(other), subject), Outcome::kBootsOther);
}

TEST(Outcome, ThatCameUpIsNoRefusalWhateverElseTheConsoleSays) {
  const auto subject = some_subject();
  EXPECT_EQ(outcome_of("x: Access Denied\n" + announced(subject), subject), Outcome::kBoots);
  EXPECT_EQ(outcome_of(kRefusal + announced(subject), subject), Outcome::kBoots);
  EXPECT_EQ(outcome_of(kPanic + announced(subject), subject), Outcome::kBoots);
}

TEST(Outcome, IsNothingForAnotherPanicOrARefusalWithoutAdvice) {
  const auto subject = some_subject();
  EXPECT_EQ(outcome_of("Kernel panic - not syncing: VFS: Unable to mount root fs\n", subject), Outcome::kNothing);
  EXPECT_EQ(outcome_of("==== reburst: boot refused ====\n  while     x\n", subject), Outcome::kNothing);
  EXPECT_EQ(outcome_of(kRefusal + "Kernel panic - not syncing: Attempted to kill init!\n", subject), Outcome::kNothing);
  EXPECT_EQ(outcome_of("Access Denied\nreburst: WARNING: Secure Boot is off\n", subject), Outcome::kNothing);
}

TEST(MatchingLine, FindsThePiecesInTheirOrderOnOneLine) {
  const auto subject = some_subject();
  EXPECT_EQ(matching_line("x\n verity: data block 17 is corrupted\r\n", "data block * is corrupted", subject),
            "verity: data block 17 is corrupted");
  EXPECT_EQ(matching_line("is corrupted data block 17\n", "data block * is corrupted", subject), std::nullopt);
  EXPECT_EQ(matching_line("data block\n is corrupted\n", "data block * is corrupted", subject), std::nullopt);
}

TEST(MatchingLine, KnowsTheReleasesBlocks) {
  const auto subject = some_subject();
  EXPECT_TRUE(matching_line("at byte 405504: other bytes", "at byte @LAST@: other", subject));
  EXPECT_FALSE(matching_line("at byte 401408: other bytes", "at byte @LAST@: other", subject));
  EXPECT_TRUE(matching_line("at byte 204800: EIO", "at byte @MIDDLE@: EIO", subject));
}

TEST(Enough, EndsWithWhatDecides) {
  const Case& refused = case_named("slack-root");
  EXPECT_EQ(enough(refused, "booting\n"), std::nullopt);
  EXPECT_EQ(enough(refused, "==== reburst: boot refused ====\n"), std::nullopt);
  EXPECT_EQ(enough(refused, kRefusal), 0);
  EXPECT_EQ(enough(refused, "reburst: web 1 00 verified root, handing over"), 0);
  EXPECT_GT(enough(refused, kPanic).value(), 0);
}

TEST(Enough, WaitsAfterAFirmwaresRefusalForWhateverElseComesUp) {
  const auto settle = enough(case_named("unsigned"), "x: Access Denied\n").value();
  EXPECT_GE(settle, 5);
  EXPECT_GT(enough(case_named("unsigned-by-kernel"), "x: Access Denied\n").value(), settle);
}

TEST(Enough, WaitsForTheSystemWhereThatWouldShowTheEffect) {
  const Case& hidden = case_named("credentials");
  const std::string up = "reburst: web 1 00 verified root, handing over\n";
  EXPECT_EQ(enough(hidden, up), std::nullopt);
  EXPECT_EQ(enough(hidden, up + "Reached target Multi-User System.\n"), 0);
  EXPECT_EQ(enough(hidden, up + "reburst-attack-by-smbios\n"), 0);
}

TEST(MeasuredOtherwise, ComparesWithTheManifest) {
  auto subject = some_subject();
  const auto digest = [](std::uint8_t byte) {
    Digest out;
    out.bytes.fill(byte);
    return out;
  };
  subject.release.measured_boot = measure::Expected{digest(4), digest(7), digest(11)};
  const trial::Registers released{{4, digest(4)}, {7, digest(7)}, {11, digest(11)}};
  auto other_keys = released;
  other_keys.at(7) = digest(8);
  EXPECT_EQ(measured_otherwise(Measured::kNotAsked, {}, subject), "");
  EXPECT_EQ(measured_otherwise(Measured::kAsReleased, released, subject), "");
  EXPECT_EQ(measured_otherwise(Measured::kOtherKeys, other_keys, subject), "");
  EXPECT_EQ(measured_otherwise(Measured::kOtherKeys, released, subject),
            "PCR 7 is what the manifest says, with other keys in the firmware");
  for (const unsigned number : {4U, 11U}) {
    auto other = other_keys;
    other.at(number) = digest(0);
    EXPECT_EQ(measured_otherwise(Measured::kOtherKeys, other, subject),
              "PCR " + std::to_string(number) + "\nexpected: " + digest(static_cast<std::uint8_t>(number)).hex() +
                  "\nfound:    " + std::string(64, '0'));
  }
}

TEST(Lacking, SaysWhyACaseDoesNotApply) {
  const auto subject = some_subject();
  EXPECT_EQ(lacking(case_named("data-block"), subject, {}), "");
  EXPECT_EQ(lacking(case_named("unsigned"), subject, {}), "there is no NVRAM with keys");
  EXPECT_EQ(lacking(case_named("older-release"), subject, {.nvram = "/x", .key = {}, .ticket = {}}),
            "needs the key that signs boot programs, and it is not here");
  EXPECT_EQ(lacking(case_named("tpm-reset"), subject, {.nvram = "/x", .key = {}, .ticket = {}}),
            "needs a TPM, and swtpm is not installed");
  EXPECT_EQ(lacking(case_named("tpm-reset"), subject, {.nvram = "/x", .key = {}, .ticket = {}, .tpm = true}),
            "the manifest does not say what a TPM should hold");
  EXPECT_EQ(lacking(case_named("expired-ticket"), subject, {}), "needs a release ticket, and none was named");
  EXPECT_EQ(lacking(case_named("setup-mode-required"), subject, {}),
            "the release's policy is \"secure_boot: preferred\"");
  EXPECT_EQ(lacking(case_named("stub-command-line-refused"), subject, {.nvram = "/x", .key = {}, .ticket = {}}),
            "its stub is older than systemd's 254");
}

TEST(Lacking, LooksAtTheReleasesPolicyAndParts) {
  auto subject = some_subject();
  subject.conf = "scan off\nsecure_boot required\nticket optional\n";
  subject.has_system = false;
  subject.expected.signature.reset();
  EXPECT_EQ(lacking(case_named("data-block"), subject, {}),
            "the release's policy is \"scan: false\": a block is verified when it is read");
  EXPECT_EQ(lacking(case_named("setup-mode"), subject, {}), "the release's policy is \"secure_boot: required\"");
  EXPECT_EQ(lacking(case_named("setup-mode-required"), subject, {}), "");
  EXPECT_EQ(lacking(case_named("credentials"), subject, {}), "the release has no system that starts");
  EXPECT_EQ(lacking(case_named("unsigned"), subject, {}), "the release's boot program is not signed");
}

}  // namespace
}  // namespace reburst::attack
