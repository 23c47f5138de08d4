#include "attack/evidence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/digest.hpp"
#include "tests/unit/attack/subjects.hpp"

namespace reburst::attack {
namespace {

Verdict verdict(std::string_view name, State state) {
  const Case& attack = case_named(name);
  return {
      .attack = &attack, .state = state, .found = attack.expected, .shown = "said\xff", .detail = {}, .console = "all"};
}

TEST(Passed, WantsNoCaseUnexpectedAndOneAsExpected) {
  const auto good = verdict("released", State::kAsExpected);
  const auto bad = verdict("data-block", State::kUnexpected);
  const auto none = verdict("tpm-reset", State::kNotApplicable);
  EXPECT_TRUE(passed({good, none}));
  EXPECT_FALSE(passed({good, bad}));
  EXPECT_FALSE(passed({none}));
  EXPECT_FALSE(passed({}));
}

TEST(Predicate, SaysWhatWasDoneAndWhatCameOfIt) {
  auto slow = verdict("data-block", State::kAsExpected);
  slow.seconds = 6.5;
  const auto out = predicate({slow}, {.tool = "reburst 1", .qemu = "QEMU 7", .started = 0});
  EXPECT_EQ(out["accelerator"], "emulation");
  EXPECT_EQ(out["started"], "1970-01-01T00:00:00Z");
  EXPECT_EQ(out["passed"], true);
  const auto& one = out["cases"][0];
  EXPECT_EQ(one["number"], 8);
  EXPECT_EQ(one["expected"], "refused");
  EXPECT_EQ(one["outcome"], "refused");
  EXPECT_EQ(one["state"], "as-expected");
  EXPECT_EQ(one["milliseconds"], 6500);
  EXPECT_EQ(one["console"]["sha256"], sha256("all").hex());
  EXPECT_EQ(one["console"]["size"], 3);
  EXPECT_EQ(one["console"]["said"], "said\uFFFD");
}

TEST(Predicate, NeverGivesAnOutcomeToACaseThatDoesNotApply) {
  auto none = verdict("tpm-reset", State::kNotApplicable);
  none.detail = "needs a TPM";
  const auto one = predicate({none}, {.tool = {}, .qemu = {}})["cases"][0];
  EXPECT_EQ(one["state"], "not-applicable");
  EXPECT_EQ(one["detail"], "needs a TPM");
  EXPECT_FALSE(one.contains("outcome"));
  EXPECT_FALSE(one.contains("console"));
}

}  // namespace
}  // namespace reburst::attack
