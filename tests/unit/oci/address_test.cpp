#include "registry/oci/address.hpp"

#include <gtest/gtest.h>

namespace reburst::oci {
namespace {

TEST(Destination, IsHostPortAndRepository) {
  struct Case {
    const char *text, *registry, *repository;
  };
  for (const auto& each :
       {Case{"registry.example.org/web", "https://registry.example.org/v2/", "web"},
        Case{"Registry.example.org:5000/images/web", "https://Registry.example.org:5000/v2/", "images/web"},
        Case{"[2001:db8::1]:5000/a.b_c__d---e/f", "https://[2001:db8::1]:5000/v2/", "a.b_c__d---e/f"}}) {
    const auto destination = parse_destination(each.text, false);
    ASSERT_TRUE(destination) << destination.error().render();
    EXPECT_EQ(destination->registry.text, each.registry);
    EXPECT_EQ(destination->repository, each.repository);
  }
}

TEST(Destination, RefusesWhatNamesNone) {
  const std::string hint = "write it as HOST[:PORT]/REPOSITORY, such as \"registry.example.org/images/web\"";
  struct Case {
    std::string text, why;
  };
  for (const auto& each :
       {Case{"https://example.org/web", "a destination has no \"://\""},
        Case{"web", "it names no registry and repository"}, Case{"/web", "it names no registry and repository"},
        Case{"user@example.org/web", "it names no registry and repository"},
        Case{"example.org/web:stable", "the tag is the release's, not the destination's"},
        Case{"example.org/web@sha256", "the tag is the release's, not the destination's"},
        Case{"example.org/Web", "\"Web\" is no name of a repository"},
        Case{"example.org/", "\"\" is no name of a repository"},
        Case{"example.org/a//b", "\"a//b\" is no name of a repository"},
        Case{"example.org/../b", "\"../b\" is no name of a repository"},
        Case{"example.org/a..b", "\"a..b\" is no name of a repository"},
        Case{"example.org/a___b", "\"a___b\" is no name of a repository"},
        Case{"example.org/a._b", "\"a._b\" is no name of a repository"},
        Case{"example.org/a-", "\"a-\" is no name of a repository"},
        Case{"example.org/a?b", "\"a?b\" is no name of a repository"},
        Case{"example.org:port/a", "\"example.org:port\" is no host"}}) {
    const auto destination = parse_destination(each.text, false);
    ASSERT_FALSE(destination) << each.text;
    EXPECT_EQ(destination.error().code, ErrorCode::kUsage);
    EXPECT_EQ(destination.error().message, "cannot push to \"" + each.text + "\": " + each.why);
    EXPECT_EQ(destination.error().hint, hint);
  }
}

TEST(Destination, GoesInTheClearToThisMachineAlone) {
  for (const auto* host : {"localhost", "127.0.0.1:5000", "127.8.9.10", "[::1]:5000"}) {
    EXPECT_TRUE(parse_destination(std::string(host) + "/web", true)) << host;
  }
  for (const auto* host :
       {"example.org", "127.0.0.1.example.org", "10.0.0.1", "localhost.example.org", "[::2]", "0.0.0.0"}) {
    const auto destination = parse_destination(std::string(host) + "/web", true);
    ASSERT_FALSE(destination) << host;
    EXPECT_EQ(destination.error().message,
              "cannot push to \"" + std::string(host) + "/web\": plain http is for a registry on this machine alone");
  }
}

TEST(Url, NeverLeadsFromHttpsToHttp) {
  const auto base = parse_url("https://example.org/v2/", false);
  ASSERT_TRUE(base);
  struct Case {
    const char *location, *why;
  };
  for (const auto& each :
       {Case{"http://example.org/x", "the address at \"http://example.org\" is not encrypted"},
        Case{"http://127.0.0.1/x", "the address at \"http://127.0.0.1\" is not encrypted"},
        Case{"file:///etc/passwd", "an address is malformed"}, Case{"//a%a1b/x", "an address is malformed"},
        Case{"ftp://example.org/x", "the address at \"ftp://example.org\" is not http or https"},
        Case{"https://a:b@example.org/x", "the address at \"https://example.org\" holds a user name or a password"},
        Case{"https://example.org/a b", "an address is malformed"},
        Case{"https://example.org/a\rX-Header: b", "an address is malformed"}}) {
    const auto url = resolve(*base, each.location, false);
    ASSERT_FALSE(url) << each.location;
    EXPECT_EQ(url.error().code, ErrorCode::kNetwork);
    EXPECT_EQ(url.error().message, each.why);
    EXPECT_EQ(url.error().hint, "check the registry's address, and the proxy in front of it");
  }
  EXPECT_FALSE(parse_url("https://example.org/" + std::string(20'000, 'a'), false));
}

TEST(Url, ResolvesALocationAndKeepsItsQuery) {
  const auto base = parse_url("https://example.org/v2/web/blobs/uploads/", false);
  ASSERT_TRUE(base);
  struct Case {
    const char *location, *text;
  };
  for (const auto& each :
       {Case{"/upload/7?_state=a%2Fb%3D%3D", "https://example.org/upload/7?_state=a%2Fb%3D%3D&digest=sha256%3Aab"},
        Case{"https://store.example.org/7?x=1&y=2#part", "https://store.example.org/7?x=1&y=2&digest=sha256%3Aab"},
        Case{"7", "https://example.org/v2/web/blobs/uploads/7?digest=sha256%3Aab"},
        Case{"//store.example.org/7", "https://store.example.org/7?digest=sha256%3Aab"}}) {
    const auto url = resolve(*base, each.location, false);
    ASSERT_TRUE(url) << url.error().render();
    std::string text = add_query(*url, "digest", "sha256:ab").text;
    if (const auto at = text.find("%3a"); at != std::string::npos) text.replace(at, 3, "%3A");  // libcurl's choice
    EXPECT_EQ(text, each.text);
  }
}

TEST(Url, TellsOriginsApartByPortAndScheme) {
  const auto origin = [](const char* text) { return parse_url(text, true)->origin; };
  EXPECT_EQ(origin("https://Example.ORG/a"), origin("https://example.org:443/b"));
  EXPECT_NE(origin("https://example.org/a"), origin("https://example.org:444/a"));
  EXPECT_NE(origin("http://localhost:443/a"), origin("https://localhost/a"));
  EXPECT_EQ(origin("https://example.org/a"), "https://example.org:443");
}

}  // namespace
}  // namespace reburst::oci
