#include "trial/judge.hpp"

#include <gtest/gtest.h>

namespace reburst::trial {
namespace {

using recipe::CommandTest;
using recipe::HttpTest;

TEST(Judge, ACommandPassesByItsStatusOrItsText) {
  const struct {
    CommandTest expected;
    CommandOutcome found;
    bool passes;
  } cases[] = {
      {{"x", {}, -1}, {0, "anything", "anything"}, true},
      {{"x", {}, -1}, {1, "", ""}, false},
      {{"x", {}, 3}, {3, "", ""}, true},
      {{"x", {}, 3}, {0, "", ""}, false},
      {{"x", "0", -1}, {1, "0\n", ""}, true},  // grep -c of nothing: any status
      {{"x", "0", -1}, {0, "0\n\n", ""}, true},
      {{"x", "0\n", -1}, {0, "0", ""}, true},
      {{"x", "0", -1}, {0, "1\n", ""}, false},
      {{"x", "0", -1}, {0, " 0\n", ""}, false},
      {{"x", "0", 0}, {1, "0\n", ""}, false},
      {{"x", "", -1}, {5, "\n", "noise"}, true},
      {{"x", "", -1}, {0, "text", ""}, false},
  };
  for (const auto& each : cases) {
    const auto result = judge_command("a name", each.expected, each.found);
    EXPECT_EQ(result.name, "a name");
    EXPECT_EQ(result.outcome == Outcome::kPassed, each.passes) << each.found.out;
    EXPECT_EQ(result.detail.empty(), each.passes);
  }
}

TEST(Judge, AFailedCommandShowsExpectedAndFound) {
  EXPECT_EQ(judge_command("x", {"x", "0", -1}, {0, "2\n", ""}).detail, "expected: \"0\"\nfound:    \"2\"");
  EXPECT_EQ(judge_command("x", {"x", {}, -1}, {127, "", "sh: x: not found\n"}).detail,
            "expected: exit status 0\nfound:    exit status 127\nstderr:   \"sh: x: not found\"");
  EXPECT_EQ(judge_command("x", {"x", "none", -1}, {0, "one\ntwo\n", ""}).detail,
            "expected: \"none\"\nfound:    \n    one\n    two");
}

TEST(Judge, ALongOutputIsCut) {
  const auto detail = judge_command("x", {"x", "0", -1}, {0, std::string(1'000'000, 'a'), ""}).detail;
  EXPECT_LT(detail.size(), 3000U);
}

TEST(Judge, AServerMustAnswerWithTheStatus) {
  const HttpTest expected{8080, "/health", 204};
  EXPECT_EQ(judge_http("x", expected, 204).outcome, Outcome::kPassed);
  EXPECT_EQ(judge_http("x", expected, 200).detail,
            "expected: status 204 from port 8080, path \"/health\"\nfound:    status 200");
  EXPECT_EQ(judge_http("x", expected, 0).detail,
            "expected: status 204 from port 8080, path \"/health\"\nfound:    no answer");
}

TEST(Judge, AConsoleIsShownWithoutEscapeSequences) {
  EXPECT_EQ(console_tail("old\r\n\x1b[2J[\x1b[0;32m  OK  \x1b[0m] Started\r\nlogin: ", 2), "[  OK  ] Started\nlogin: ");
  EXPECT_EQ(console_tail("\x1b[", 2), "");
  EXPECT_EQ(console_tail("\x1b", 2), "");
  EXPECT_EQ(console_tail("", 2), "");
}

TEST(Report, PassesUnlessATestFailed) {
  Report report;
  EXPECT_TRUE(report.passed());
  report.results = {{"a", Outcome::kPassed, ""}, {"b", Outcome::kSkipped, "why"}};
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.failures(), "skipped: b\n  why\n");
  report.results.push_back({"c", Outcome::kFailed, "expected: 1\nfound:    2"});
  for (int i = 0; i < 50; ++i) report.console += "line " + std::to_string(i) + "\r\n";
  EXPECT_FALSE(report.passed());
  const std::string text = report.failures();
  EXPECT_NE(text.find("failed: c\n  expected: 1\n  found:    2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  | line 49"), std::string::npos);
  EXPECT_EQ(text.find("  | line 19\n"), std::string::npos);
}

}  // namespace
}  // namespace reburst::trial
