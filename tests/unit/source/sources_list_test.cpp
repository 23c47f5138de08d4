#include "builder/source/sources_list.hpp"

#include <gtest/gtest.h>

namespace reburst::source {
namespace {

std::string words(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& word : list) out += (out.empty() ? "" : ",") + word;
  return out;
}

std::string dump(const Result<std::vector<SourceEntry>>& entries) {
  if (!entries) return entries.error().message;
  std::string out;
  for (const auto& each : *entries) {
    out += std::to_string(each.line) + " " + words(each.uris) + " " + words(each.suites) + " " + words(each.components);
    if (!each.signed_by.empty()) out += " by=" + words(each.signed_by);
    if (!each.architectures.empty()) out += " arch=" + words(each.architectures);
    if (!each.architectures_add.empty()) out += " arch+=" + words(each.architectures_add);
    if (!each.architectures_remove.empty()) out += " arch-=" + words(each.architectures_remove);
    if (each.check_valid_until) out += *each.check_valid_until ? " check" : " nocheck";
    if (each.trusted) out += " trusted";
    if (!each.embedded_keys.empty()) out += " key=" + each.embedded_keys;
    out += "\n";
  }
  return out;
}

TEST(OneLineSources, AreRead) {
  struct Case {
    std::string_view text, expected;
  };
  for (const auto& each : {
           Case{"", ""},
           Case{"# comment\n\n  \n", ""},
           Case{"deb http://example.org/debian bookworm main contrib",
                "1 http://example.org/debian bookworm main,contrib\n"},
           Case{"deb-src http://example.org/debian bookworm main\n", ""},
           Case{"\n deb\thttp://example.org/debian/ bookworm main # comment",
                "2 http://example.org/debian/ bookworm main\n"},
           Case{"deb [signed-by=/a.gpg,/b.asc arch=amd64,arm64 check-valid-until=no trusted=yes lang=de] http://e/ s m",
                "1 http://e/ s m by=/a.gpg,/b.asc arch=amd64,arm64 nocheck trusted\n"},
           Case{"deb [ arch+=i386 arch-=arm64 Check-Valid-Until=yes ] http://e/ s m",
                "1 http://e/ s m arch+=i386 arch-=arm64 check\n"},
           Case{"deb http://e/ ./\n", "1 http://e/ ./ \n"},
           Case{"deb cdrom:[Debian GNU/Linux 12 # x]/ bookworm main",
                "1 cdrom:[Debian GNU/Linux 12 # x]/ bookworm main\n"},
           Case{"deb http://e/ s m\r\ndeb http://f/ s m\r\n", "1 http://e/ s m\n2 http://f/ s m\n"},
       }) {
    EXPECT_EQ(dump(parse_one_line_sources(each.text, "l")), each.expected) << each.text;
  }
}

TEST(OneLineSources, RefuseWhatAptRefuses) {
  struct Case {
    std::string_view text, expected;
  };
  for (const auto& each : {
           Case{"dep http://e/ s m", "cannot read apt's \"l\": line 1: the type \"dep\" is not known"},
           Case{"\ndeb http://e/", "cannot read apt's \"l\": line 2: expected \"deb URI SUITE COMPONENT…\""},
           Case{"deb http://e/ s", "cannot read apt's \"l\": line 1: it names no component"},
           Case{"deb [arch=amd64 http://e/ s m", "cannot read apt's \"l\": line 1: malformed [option=value]"},
           Case{"deb [arch] http://e/ s m", "cannot read apt's \"l\": line 1: malformed [option=value]"},
       }) {
    const auto entries = parse_one_line_sources(each.text, "l");
    EXPECT_EQ(dump(entries), each.expected) << each.text;
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().code, ErrorCode::kEnvironment);
    EXPECT_EQ(entries.error().hint, "correct the file; \"apt-get update\" must accept it (sources.list(5))");
  }
}

TEST(Deb822Sources, AreRead) {
  const std::string text =
      "# comment\nTypes: deb deb-src\n# another\nURIs: http://e/debian http://f/debian\nSuites: bookworm "
      "bookworm-updates\nComponents: main\n"
      " contrib\nSigned-By: /a.gpg\nCheck-Valid-Until: no\nArchitectures: amd64\n\n"
      "Types: deb\nURIs: http://off/\nSuites: s\nComponents: m\nEnabled: no\n\n"
      "Types: deb-src\nURIs: http://src/\nSuites: s\nComponents: m\n\n"
      "Types: deb\nURIs: http://k/\nSuites: s\nComponents: m\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n "
      "AAAA\n"
      " -----END PGP PUBLIC KEY BLOCK-----\n";
  EXPECT_EQ(
      dump(parse_deb822_sources(text, "s")),
      "2 http://e/debian,http://f/debian bookworm,bookworm-updates main,contrib by=/a.gpg arch=amd64 nocheck\n"
      "23 http://k/ s m key=-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n\n");
}

TEST(Deb822Sources, RefuseWhatAptRefuses) {
  struct Case {
    std::string_view text, expected;
  };
  for (const auto& each : {
           Case{"URIs: http://e/\n", "cannot read apt's \"s\": line 1: the stanza has no \"Types\""},
           Case{"Types: deb\nSuites: s\nComponents: m\n",
                "cannot read apt's \"s\": line 1: the stanza has no \"URIs\""},
           Case{"Types: deb\nURIs: http://e/\nComponents: m\n",
                "cannot read apt's \"s\": line 1: the stanza has no \"Suites\""},
           Case{"\nTypes: deb\nURIs: http://e/\nSuites: s\n",
                "cannot read apt's \"s\": line 2: the stanza has no \"Components\""},
           Case{"Types deb\n", "cannot read \"s\": line 1: expected \"Field: value\""},
       }) {
    const auto entries = parse_deb822_sources(each.text, "s");
    EXPECT_EQ(dump(entries), each.expected) << each.text;
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().code, ErrorCode::kEnvironment);
    EXPECT_EQ(entries.error().hint, "correct the file; \"apt-get update\" must accept it (sources.list(5))");
  }
}

}  // namespace
}  // namespace reburst::source
