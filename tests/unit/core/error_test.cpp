#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "core/file.hpp"
#include "core/result.hpp"

namespace reburst {

TEST(Error, RendersMessageContextAndHint) {
  const Error error{
      ErrorCode::kNetwork, "cannot fetch \"x\"", "check the mirror", {"reading the index", "building \"web\""}};
  EXPECT_EQ(error.render(),
            "cannot fetch \"x\"\n  while reading the index\n  while building \"web\"\n  hint: check the mirror");
}

TEST(Error, CodesHaveDistinctNamesAndStatuses) {
  std::set<std::string_view> names;
  for (int status = 1; status <= 18; ++status) {
    EXPECT_EQ(exit_status(static_cast<ErrorCode>(status)), status);
    EXPECT_TRUE(names.insert(error_name(static_cast<ErrorCode>(status))).second);
    EXPECT_TRUE(names.insert(error_meaning(static_cast<ErrorCode>(status))).second);
  }
  EXPECT_EQ(exit_status(ErrorCode::kInterrupted), 130);
}

TEST(Error, TheReferenceSaysWhatTheProgramSays) {
  const auto page = read_file(REBURST_SOURCE_DIR "/docs/reference/exit-status.md", 1U << 16U).value();
  const auto row = [](ErrorCode code) {
    return "| " + std::to_string(exit_status(code)) + " | " + std::string(error_name(code)) + " | " +
           std::string(error_meaning(code)) + " |\n";
  };
  for (int status = 1; status <= 18; ++status) {
    EXPECT_NE(page.find(row(static_cast<ErrorCode>(status))), std::string::npos) << row(static_cast<ErrorCode>(status));
  }
  EXPECT_NE(page.find(row(ErrorCode::kInterrupted)), std::string::npos) << row(ErrorCode::kInterrupted);
}

TEST(Error, AFullDiskHasItsOwnCode) {
  EXPECT_EQ(system_error("cannot write \"x\"", ENOSPC).code, ErrorCode::kNoSpace);
  EXPECT_EQ(system_error("cannot write \"x\"", EDQUOT).code, ErrorCode::kNoSpace);
  EXPECT_EQ(system_error("cannot write \"x\"", EACCES).code, ErrorCode::kIo);
  EXPECT_EQ(system_error("cannot write \"x\"", EACCES).message, "cannot write \"x\": Permission denied");
}

namespace {
Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kUsage, "odd");
  return value / 2;
}
Result<int> quarter(int value) {
  return REBURST_TRY(half(REBURST_TRY(with_context(half(value), "halving"))));
}
}  // namespace

TEST(Result, TryPassesValuesOnAndReturnsErrors) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().context, std::vector<std::string>{});
  EXPECT_EQ(quarter(7).error().context, std::vector<std::string>{"halving"});
}

}  // namespace reburst
