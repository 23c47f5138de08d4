#include "builder/tree/control.hpp"

#include <gtest/gtest.h>

namespace reburst::tree {
namespace {

TEST(Control, ComparesVersionsAsPolicySays) {
  struct Case {
    const char *left, *right;
    int order;
  };
  // The last two columns are what `dpkg --compare-versions` answers.
  for (const Case& c : {Case{"1.0", "1.0", 0}, Case{"1.0", "1.1", -1}, Case{"1.10", "1.9", 1}, Case{"1:1.0", "2.0", 1},
                        Case{"0:1.0", "1.0", 0}, Case{"1.0~rc1", "1.0", -1}, Case{"1.0~~", "1.0~", -1},
                        Case{"1.0-1", "1.0-1+b1", -1}, Case{"1.0-2", "1.0-10", -1}, Case{"1.0a", "1.0", 1},
                        Case{"1.0+", "1.0a", 1}, Case{"1.0.0", "1.0", 1}, Case{"2.36-9+deb12u14", "2.36-9+deb12u7", 1},
                        Case{"1.001", "1.1", 0}, Case{"0-0", "0", 0}, Case{"1.2-3-4", "1.2-3-5", -1}}) {
    const int order = compare_versions(c.left, c.right);
    EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, c.order) << c.left << " and " << c.right;
    const int mirrored = compare_versions(c.right, c.left);
    EXPECT_EQ(mirrored < 0 ? -1 : mirrored > 0 ? 1 : 0, -c.order) << c.right << " and " << c.left;
  }
}

TEST(Control, ReadsRelationsWithoutQualifiers) {
  const auto groups =
      parse_relations("libc6 (>= 2.34), default-mta | mail-transport-agent, perl:any, x (<< 1:2-3) [amd64] <!nocheck>");
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0][0].name, "libc6");
  EXPECT_EQ(groups[0][0].op, ">=");
  EXPECT_EQ(groups[0][0].version, "2.34");
  ASSERT_EQ(groups[1].size(), 2U);
  EXPECT_EQ(groups[1][1].name, "mail-transport-agent");
  EXPECT_EQ(groups[2][0].name, "perl");
  EXPECT_EQ(groups[3][0].op, "<<");
  EXPECT_EQ(groups[3][0].version, "1:2-3");
  EXPECT_TRUE(parse_relations("").empty());
}

TEST(Control, SatisfiesEachOperator) {
  const auto holds = [](const char* op, const char* version) { return satisfies("1.5", Relation{"x", op, version}); };
  EXPECT_TRUE(holds("", ""));
  EXPECT_TRUE(holds("<<", "1.6"));
  EXPECT_FALSE(holds("<<", "1.5"));
  EXPECT_TRUE(holds("<=", "1.5"));
  EXPECT_TRUE(holds("=", "1.5"));
  EXPECT_FALSE(holds("=", "1.5-1"));
  EXPECT_TRUE(holds(">=", "1.5"));
  EXPECT_FALSE(holds(">>", "1.5"));
  EXPECT_TRUE(holds(">>", "1.4"));
  EXPECT_FALSE(holds("~~", "1.5"));
}

TEST(Control, KeepsFieldsAndContinuationLinesInOrder) {
  const std::string text = "Package: a\nVersion: 1\nDescription: short\n long line\n .\n end\n";
  const auto stanza = parse_stanza(text, "\"a.deb\"");
  ASSERT_TRUE(stanza);
  EXPECT_EQ(stanza->get("package"), "a");
  EXPECT_EQ(stanza->get("Missing"), "");
  EXPECT_EQ(stanza->text(), text);
}

TEST(Control, RefusesWhatIsNoStanza) {
  struct Case {
    std::string text;
    const char* error;
  };
  for (const Case& c :
       {Case{" x\n", "cannot read the control file of \"a.deb\": it starts with a continuation line"},
        Case{"Package a\n", "cannot read the control file of \"a.deb\": \"Package a\" is no field"},
        Case{"A: 1\n\nB: 2\n", "cannot read the control file of \"a.deb\": it holds more than one stanza"},
        Case{"A: 1\na: 2\n", "cannot read the control file of \"a.deb\": the field \"a\" is there twice"},
        Case{std::string("A: \0\n", 5), "cannot read the control file of \"a.deb\": it holds a NUL byte"}}) {
    const auto stanza = parse_stanza(c.text, "\"a.deb\"");
    ASSERT_FALSE(stanza) << c.text;
    EXPECT_EQ(stanza.error().code, ErrorCode::kPackage);
    EXPECT_EQ(stanza.error().message, c.error);
  }
}

TEST(Control, KnowsPackageNames) {
  for (const char* good : {"g++", "libc6", "0ad", "a.b-c"}) EXPECT_TRUE(valid_package_name(good)) << good;
  for (const char* bad : {"", "a", "A1", "-ab", ".ab", "a/b", "../x", "a b"})
    EXPECT_FALSE(valid_package_name(bad)) << bad;
}

}  // namespace
}  // namespace reburst::tree
