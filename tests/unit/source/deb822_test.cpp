#include "builder/source/deb822.hpp"

#include <gtest/gtest.h>

namespace reburst::source {
namespace {

std::string dump(std::string_view text) {
  StanzaReader reader(text, "file");
  Stanza stanza;
  std::string out;
  for (;;) {
    const auto more = reader.next(stanza);
    if (!more) return out + "error: " + more.error().message;
    if (!*more) return out;
    for (const auto& field : stanza.fields()) {
      out += std::to_string(field.line) + " " + std::string(field.name) + "=" + std::string(field.value) + ";";
    }
    out += "|";
  }
}

TEST(Deb822, ReadsStanzas) {
  struct Case {
    std::string_view text, expected;
  };
  for (const auto& each : {
           Case{"", ""},
           Case{"\n\n \n", ""},
           Case{"# only a comment\n", ""},
           Case{"A: 1\nB:2\n\nA: 3", "1 A=1;2 B=2;|4 A=3;|"},
           Case{"A: 1\r\nB: 2\r\n\r\nC: 3\r\n", "1 A=1;2 B=2;|4 C=3;|"},
           Case{"A:\n one\n .\n\ttwo\nB: x\n", "1 A=one\n .\n\ttwo;5 B=x;|"},
           Case{"A: 1\n# between\nB: 2\n", "1 A=1;3 B=2;|"},
           Case{"A: http://example.org\n", "1 A=http://example.org;|"},
           Case{"\n\n\nA: 1\n \n \nB: 2\n", "4 A=1;|7 B=2;|"},
       }) {
    EXPECT_EQ(dump(each.text), each.expected) << each.text;
  }
}

TEST(Deb822, RefusesWhatIsNone) {
  struct Case {
    std::string_view text, expected;
  };
  constexpr std::string_view kNul("A: \0\n", 5);
  for (const auto& each : {
           Case{" continuation\n",
                "error: cannot read \"file\": line 1: a continuation line without a field before it"},
           Case{"A: 1\nno colon\n", "error: cannot read \"file\": line 2: expected \"Field: value\""},
           Case{"A: 1\na: 2\n", "error: cannot read \"file\": line 2: the field \"a\" is given twice"},
           Case{": x\n", "error: cannot read \"file\": line 1: a field name with characters that none may have"},
           Case{"-A: x\n", "error: cannot read \"file\": line 1: a field name with characters that none may have"},
           Case{"A B: x\n", "error: cannot read \"file\": line 1: a field name with characters that none may have"},
           Case{kNul, "error: cannot read \"file\": line 1: a NUL byte"},
       }) {
    EXPECT_EQ(dump(each.text), each.expected) << each.text;
  }
}

TEST(Deb822, BoundsTheFieldsOfAStanza) {
  std::string text;
  for (int i = 0; i < 501; ++i) text += "F" + std::to_string(i) + ": x\n";
  EXPECT_EQ(dump(text), "error: cannot read \"file\": line 501: more than 500 fields in one stanza");
}

TEST(Deb822, FindsFieldsInAnyCase) {
  StanzaReader reader("Package: x\n", "file");
  Stanza stanza;
  ASSERT_TRUE(*reader.next(stanza));
  EXPECT_EQ(stanza.get("PACKAGE"), "x");
  EXPECT_EQ(stanza.get("Version"), "");
  EXPECT_EQ(stanza.find("Version"), nullptr);
}

TEST(Deb822, LinesOfAFieldAreTrimmed) {
  std::string lines;
  for_each_line("\n a 1\n\t b \r\n\n c", [&](std::string_view line) { lines += "<" + std::string(line) + ">"; });
  EXPECT_EQ(lines, "<a 1><b><c>");
}

}  // namespace
}  // namespace reburst::source
