#include "core/process.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace reburst {

TEST(Run, GivesStatusAndBothStreams) {
  const auto exit = run({.argv = {"sh", "-c", "cat; echo oops >&2; exit 3"}, .input = "hello"}).value();
  EXPECT_EQ(exit.status, 3);
  EXPECT_EQ(exit.out, "hello");
  EXPECT_EQ(exit.error, "oops\n");
}

TEST(Run, KeepsTheOrderWhenStreamsAreMerged) {
  const auto exit =
      run({.argv = {"sh", "-c", "echo a; echo b >&2; echo c"}, .input = {}, .merge_output = true}).value();
  EXPECT_EQ(exit.out, "a\nb\nc\n");
}

TEST(Run, InheritsNothingOfTheEnvironment) {
  ::setenv("REBURST_TEST_SECRET", "x", 1);
  const auto exit = run({.argv = {"env"}, .environment = {"A=1"}}).value();
  EXPECT_EQ(exit.out, "A=1\n");
}

TEST(Run, MovesMuchDataBothWays) {
  const std::string data(5'000'000, 'z');
  const auto exit = run({.argv = {"cat"}, .input = data}).value();
  EXPECT_EQ(exit.out, data);
}

TEST(Run, AChildThatReadsNothingIsNoFault) {
  EXPECT_EQ(run({.argv = {"true"}, .input = std::string(1'000'000, 'x')}).value().status, 0);
}

TEST(Run, KeepsOnlyTheEndOfEndlessOutput) {
  const auto exit =
      run({.argv = {"sh", "-c", "yes | head -c 100000; echo end"}, .input = {}, .max_output = 1000}).value();
  EXPECT_EQ(exit.out.size(), 1000U);
  EXPECT_TRUE(exit.out.ends_with("end\n"));
}

TEST(Run, ReportsASignal) {
  EXPECT_EQ(run({.argv = {"sh", "-c", "kill -9 $$"}}).value().status, 137);
}

TEST(Run, EndsAChildThatTakesTooLong) {
  const auto result = run({.argv = {"sleep", "60"}, .input = {}, .timeout_seconds = 1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "\"sleep\" did not end within 1 s");
}

TEST(Run, SaysWhenAProgramIsNotInstalled) {
  const auto result = run({.argv = {"no-such-program-here"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kEnvironment);
  EXPECT_EQ(result.error().message, "cannot run \"no-such-program-here\": it is not installed");
}

TEST(Run, SaysWhenAProgramCannotStart) {
  const auto result = run({.argv = {"/etc/passwd"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "cannot start \"/etc/passwd\": Permission denied");
}

}  // namespace reburst
