#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "attack/attack.hpp"
#include "attack/initrd.hpp"

namespace reburst::attack {
namespace {

TEST(Cases, HaveEveryNumberOfTheMatrix) {
  std::set<unsigned> numbers;
  for (const Case& each : cases()) numbers.insert(each.number);
  for (unsigned number = 0; number <= 31; ++number) EXPECT_TRUE(numbers.contains(number)) << number;
  EXPECT_EQ(numbers.size(), 32U);
}

TEST(Cases, HaveNamesOfTheirOwnAndSayWhatAndWhy) {
  std::set<std::string_view> names;
  for (const Case& each : cases()) {
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_FALSE(each.what.empty() || each.why.empty() || each.shows.empty() || each.make == nullptr) << each.name;
    EXPECT_NE(each.name, "all");
    EXPECT_NE(each.name, "short");
  }
}

TEST(Cases, ThatBootByFirmwareTakeMinutesAndAreFewInTheShortList) {
  const auto slow = std::ranges::count_if(
      cases(), [](const Case& each) { return each.list == List::kShort && each.by == By::kFirmware; });
  EXPECT_GE(slow, 1);
  EXPECT_LE(slow, 2);
}

// "No case may end in a running clone unless the table says so and why."
TEST(Cases, ThatEndInARunningCloneAreThese) {
  std::set<std::string_view> booting;
  for (const Case& each : cases()) {
    if (each.number != 0 && (each.expected == Outcome::kBoots || each.expected == Outcome::kBootsOther))
      booting.insert(each.name);
  }
  EXPECT_EQ(booting, (std::set<std::string_view>{
                         "last-data-block-no-scan", "primary-gpt-by-firmware", "backup-gpt", "verity-super-block",
                         "older-release", "secure-boot-off", "setup-mode", "unsigned-by-kernel", "linux-by-kernel",
                         "command-line", "command-line-by-firmware", "credentials", "credentials-by-firmware",
                         "stub-command-line", "esp-extra", "tpm-reset", "tpm-other-registers", "clock-set-back"}));
}

TEST(Choose, TakesListsAndNamesEachOnce) {
  const auto all = choose({"all", "released"}).value();
  EXPECT_EQ(all.size(), cases().size());
  const auto some = choose({"second-disk", "released"}).value();
  ASSERT_EQ(some.size(), 2U);
  EXPECT_EQ(some[0]->name, "released");
  EXPECT_LT(choose({"short"}).value().size(), 15U);
}

TEST(Choose, RefusesWhatIsNoCase) {
  const auto found = choose({"all", "data-blok"});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kUsage);
  EXPECT_EQ(found.error().message, "there is no case \"data-blok\"");
  EXPECT_EQ(found.error().hint, "\"reburst attack --list\" shows them all");
}

TEST(WithLine, ReplacesTheOneLine) {
  EXPECT_EQ(with_line("a 1\nscan on\nb 2\n", "scan", "scan off").value(), "a 1\nscan off\nb 2\n");
  EXPECT_EQ(with_line("a 1\nb 2\n", "a", "a 3").value(), "a 3\nb 2\n");
}

TEST(WithLine, SaysWhenNothingWouldChange) {
  for (const char* text : {"scan off\n", "x scan on\n", "", "scanner on\n"}) {
    const auto found = with_line(text, "scan", "scan off");
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, ErrorCode::kMissing);
  }
}

}  // namespace
}  // namespace reburst::attack
