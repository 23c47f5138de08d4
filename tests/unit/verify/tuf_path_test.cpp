#include <gtest/gtest.h>

#include <chrono>

#include "signing/verify/tuf_metadata.hpp"

namespace reburst::tuf {
namespace {

struct Match {
  const char* pattern;
  const char* path;
  bool covered;
};

TEST(TufMatches, PartByPart) {
  const std::vector<Match> kMatches = {
      {"web/stable/*", "web/stable/history.jsonl", true},
      {"web/stable/*", "web/stable/20260101T000000Z/web.raw", false},
      {"web/stable/*/*", "web/stable/20260101T000000Z/web.raw", true},
      {"web/stable/*", "web/stable", false},
      {"web/stable/*", "web/dev/history.jsonl", false},
      {"web/stable/*", "webstable/x", false},
      {"web/*/x", "web/a/b/x", false},
      {"*", "web", true},
      {"*", "web/x", false},
      {"w?b", "web", true},
      {"w?b", "wb", false},
      {"w?b", "w/b", false},
      {"*.raw", "web.raw", true},
      {"*.raw", ".raw", true},
      {"*.raw", "web.raw.xz", false},
      {"a*b*c", "aXbYbZc", true},
      {"a*b*c", "aXbY", false},
      {"**", "anything", true},
      {"?*", "", false},
      {"web", "web", true},
      {"web", "Web", false},
      {"web", "web2", false},
      {"web2", "web", false},
  };
  for (const auto& match : kMatches) {
    EXPECT_EQ(matches(match.pattern, match.path), match.covered) << match.pattern << " " << match.path;
  }
}

TEST(TufMatches, DoesNotBlowUp) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches(pattern + "b", std::string(1000, 'a')));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST(TufNames, OfDelegatedRoles) {
  for (const auto* name : {"web-stable", "a", "0", "web.2-dev"}) EXPECT_TRUE(is_delegated_name(name)) << name;
  for (const auto* name : {"", "root", "targets", "snapshot", "timestamp", ".", "..", ".web", "Web", "web/stable",
                           "web_stable", "web stable", "w\xc3\xa9"}) {
    EXPECT_FALSE(is_delegated_name(name)) << name;
  }
  EXPECT_TRUE(is_delegated_name(std::string(128, 'a')));
  EXPECT_FALSE(is_delegated_name(std::string(129, 'a')));
}

TEST(TufNames, OfTargets) {
  for (const auto* path : {"web/stable/history.jsonl", "a", "a b/c~1"}) EXPECT_TRUE(is_target_path(path)) << path;
  for (const auto* path :
       {"", "/a", "a/", "a//b", "../a", "a/../b", "./a", "a/.", "a/.hidden", "a\\b", "a\x7f", "a\n", "w\xc3\xa9"}) {
    EXPECT_FALSE(is_target_path(path)) << path;
  }
  EXPECT_FALSE(is_target_path(std::string(1025, 'a')));
  for (const auto* pattern : {"web/*/x?", "*", "a+b@1"}) EXPECT_TRUE(is_pattern(pattern)) << pattern;
  for (const auto* pattern : {"[ab]", "{a,b}", "!a", "#a", "+(a)", "a|b", "../*"}) {
    EXPECT_FALSE(is_pattern(pattern)) << pattern;
  }
}

}  // namespace
}  // namespace reburst::tuf
