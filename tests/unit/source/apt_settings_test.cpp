#include "builder/source/apt_settings.hpp"

#include <gtest/gtest.h>

namespace reburst::source {
namespace {

std::string proxy(const std::string& lines) {
  return AptSettings::parse(lines).proxy_rules();
}

TEST(AptSettings, AreRead) {
  const auto settings = AptSettings::parse(
      "Dir \"/\";\nDir::Etc \"etc/apt\";\nDir::Etc::sourceparts \"sources.list.d\";\n"
      "Dir::Etc::sourcelist \"/elsewhere/list\";\nAPT::Architecture \"arm64\";\nX::Y:: \"a b\";\nnonsense\n"
      "Acquire::Check-Valid-Until \"false\";\nEmpty \"\";\n");
  EXPECT_EQ(settings.get("apt::architecture"), "arm64");
  EXPECT_EQ(settings.get("x::y::"), "a b");
  EXPECT_EQ(settings.get("Empty", "otherwise"), "otherwise");
  EXPECT_EQ(settings.path("Dir::Etc::sourceparts"), "/etc/apt/sources.list.d");
  EXPECT_EQ(settings.path("Dir::Etc::sourcelist"), "/elsewhere/list");
  EXPECT_FALSE(settings.flag("Acquire::Check-Valid-Until", true));
  EXPECT_TRUE(settings.flag("Acquire::Check-Date", true));
}

TEST(AptSettings, DefaultsAreDebians) {
  EXPECT_EQ(AptSettings::defaults().path("Dir::Etc::sourceparts"), "/etc/apt/sources.list.d");
  EXPECT_EQ(AptSettings::defaults().proxy_rules(), "");
}

TEST(AptSettings, ProxiesBecomeRules) {
  EXPECT_EQ(proxy(""), "");
  EXPECT_EQ(proxy("Acquire::http::Proxy \"http://p:1\";"), "http://p:1");
  EXPECT_EQ(proxy("Acquire::http::Proxy \"http://p:1\";\nAcquire::https::Proxy \"DIRECT\";"),
            "http=http://p:1 https=DIRECT");
  EXPECT_EQ(proxy("Acquire::https::Proxy \"http://p:1\";"), "https=http://p:1");
  EXPECT_EQ(proxy("Acquire::http::Proxy \"http://p:1\";\nAcquire::http::Proxy::near.example.org \"DIRECT\";"),
            "http://p:1 http:near.example.org=DIRECT https:near.example.org=DIRECT");
}

}  // namespace
}  // namespace reburst::source
