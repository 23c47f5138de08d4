#include "fetch/uri.hpp"

#include <gtest/gtest.h>

namespace reburst::fetch {
namespace {

TEST(Uri, IsTakenApart) {
  const auto uri = parse_uri("HTTP://User:Secret@Mirror.Example.org:8080/debian/pool");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, "http");
  EXPECT_EQ(uri->host, "mirror.example.org");
  EXPECT_EQ(uri->path, "/debian/pool");
  EXPECT_EQ(parse_uri("https://[::1]:80/x")->host, "[::1]");
  EXPECT_EQ(file_path(*parse_uri("file:///a%20b/c%2bd")), "/a b/c+d");
  EXPECT_EQ(file_path(*parse_uri("file:/a/%zz%00")), "/a/%zz%00");
  EXPECT_EQ(parse_uri("file://localhost/a")->path, "/a");
}

TEST(Uri, RefusesWhatCannotBeFetched) {
  struct Case {
    const char* uri;
    const char* message;
  };
  for (const auto& each :
       {Case{"ftp://example.org/x", "cannot fetch \"ftp://example.org/x\": not an http:, https: or file: address"},
        Case{"/etc/passwd", "cannot fetch \"/etc/passwd\": not an http:, https: or file: address"},
        Case{"gopher://user:secret@x/", "cannot fetch \"gopher://x/\": not an http:, https: or file: address"},
        Case{"http:///x", "cannot fetch \"http:///x\": the address names no host"},
        Case{"file://server/x", "cannot fetch \"file://server/x\": the address names no absolute path"},
        Case{"file:x", "cannot fetch \"file:x\": the address names no absolute path"}}) {
    const auto uri = parse_uri(each.uri);
    ASSERT_FALSE(uri) << each.uri;
    EXPECT_EQ(uri.error().code, ErrorCode::kUsage);
    EXPECT_EQ(uri.error().message, each.message);
  }
}

TEST(Uri, EscapesOddCharactersOfThePathOnly) {
  EXPECT_EQ(escape_uri("http://example.org/a b/[c]%20d~e+f"), "http://example.org/a%20b/%5bc%5d%20d~e+f");
  EXPECT_EQ(escape_uri("http://[::1]:80/a"), "http://[::1]:80/a");
  EXPECT_EQ(escape_path("pool/main/g/g++/g++_1%3a2~x.deb"), "pool/main/g/g%2b%2b/g%2b%2b_1%253a2~x.deb");
  EXPECT_EQ(escape_path("a\r\nHost: evil"), "a%0d%0aHost:%20evil");
}

TEST(Uri, MessagesShowNoPassword) {
  EXPECT_EQ(without_credentials("https://me:secret@example.org/x@y"), "https://example.org/x@y");
  EXPECT_EQ(without_credentials("https://example.org/x@y"), "https://example.org/x@y");
}

}  // namespace
}  // namespace reburst::fetch
