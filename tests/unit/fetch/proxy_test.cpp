#include "fetch/proxy.hpp"

#include <gtest/gtest.h>

#include "tests/unit/fetch/support.hpp"

namespace reburst::fetch {
namespace {

TEST(Proxy, TheMostExactRuleWins) {
  const std::string rules =
      "http://all:1 https=http://secure:2 http:near.example.org=DIRECT https:far.example.org=http://far:3";
  EXPECT_EQ(proxy_for(rules, "http", "example.org"), "http://all:1");
  EXPECT_EQ(proxy_for(rules, "https", "example.org"), "http://secure:2");
  EXPECT_EQ(proxy_for(rules, "http", "near.example.org"), "");
  EXPECT_EQ(proxy_for(rules, "https", "near.example.org"), "http://secure:2");
  EXPECT_EQ(proxy_for(rules, "https", "far.example.org"), "http://far:3");
  EXPECT_EQ(proxy_for("", "http", "example.org"), "");
  EXPECT_EQ(proxy_for("DIRECT", "http", "example.org"), "");
}

TEST(Proxy, IsAskedForTheWholeAddress) {
  test::TestServer proxy([](const test::ServerRequest&) { return test::ServerReply{.body = "through the proxy"}; });
  auto options = quick_options();
  options.proxy = proxy.uri();
  EXPECT_EQ(*get("http://mirror.invalid/debian/x", 100, options), "through the proxy");
  EXPECT_EQ(proxy.requests().at(0).target, "http://mirror.invalid/debian/x");
}

TEST(Proxy, OfTheEnvironmentIsNotUsed) {
  test::TestServer proxy([](const test::ServerRequest&) { return test::ServerReply{.body = "through the proxy"}; });
  test::TestServer mirror([](const test::ServerRequest&) { return test::ServerReply{.body = "direct"}; });
  ASSERT_EQ(::setenv("http_proxy", proxy.uri().c_str(), 1), 0);
  ASSERT_EQ(::setenv("ALL_PROXY", proxy.uri().c_str(), 1), 0);
  EXPECT_EQ(*get(mirror.uri() + "/x", 100, quick_options()), "direct");
  EXPECT_EQ(proxy.connections(), 0U);
}

}  // namespace
}  // namespace reburst::fetch
