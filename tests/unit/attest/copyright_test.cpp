#include "builder/attest/copyright.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reburst::attest {

namespace {

using testing::ElementsAre;

constexpr std::string_view kHeader =
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: x\n\n";

std::optional<Copyright> parse(std::string_view stanzas) {
  return parse_copyright(std::string(kHeader) + std::string(stanzas));
}

}  // namespace

TEST(Copyright, NamesTheLicencesOfFilesOnceInOrder) {
  const auto copyright = parse(
      "Files: *\nCopyright: somebody\nLicense: GPL-2+\n\n"
      "Files: a\nCopyright: somebody\nLicense:  BSD-3-clause  or   MIT\n\n"
      "Files: b\nCopyright: somebody\nlicense: GPL-2+\n\n"
      "License: GPL-2+\n On Debian systems …\n\n"
      "License: unused\n text\n");
  ASSERT_TRUE(copyright);
  EXPECT_THAT(copyright->licences, ElementsAre("GPL-2+", "BSD-3-clause or MIT"));
}

TEST(Copyright, KeepsTextsWithTheirEmptyLines) {
  const auto copyright = parse(
      "Files: *\nLicense: odd\n First line.\n .\n   indented\n\n"
      "License: other\n Text.\n");
  ASSERT_TRUE(copyright);
  EXPECT_EQ(copyright->texts.at("odd"), "First line.\n\n  indented\n");
  EXPECT_EQ(copyright->texts.at("other"), "Text.\n");
}

TEST(Copyright, TheHeadersLicenceCounts) {
  const auto copyright =
      parse_copyright("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nLicense: Expat\n");
  ASSERT_TRUE(copyright);
  EXPECT_THAT(copyright->licences, ElementsAre("Expat"));
}

TEST(Copyright, WithoutAFormatItIsNotMachineReadable) {
  EXPECT_FALSE(parse_copyright(""));
  EXPECT_FALSE(parse_copyright("This is bash, written by somebody.\nLicense: GPL-3\n"));
  EXPECT_FALSE(parse_copyright("Format: my own\n\nFiles: *\nLicense: GPL-3\n"));
}

TEST(Copyright, BrokenSyntaxIsNotMachineReadable) {
  EXPECT_FALSE(parse("Files: *\nLicense: GPL-2+\nno field at all\n"));
  EXPECT_FALSE(parse("Files: *\nLicense: GPL-2+\nLicense: twice\n"));
}

TEST(Copyright, TheNameMayStandOnTheNextLine) {
  const auto copyright = parse("Files: *\nLicense:\n GPL-2+\n On Debian systems …\n");
  ASSERT_TRUE(copyright);
  EXPECT_THAT(copyright->licences, ElementsAre("GPL-2+"));
  EXPECT_EQ(copyright->texts.at("GPL-2+"), "On Debian systems …\n");
}

TEST(Copyright, AnEmptyFieldSaysNothing) {
  const auto copyright = parse("Files: *\nLicense:\n");
  ASSERT_TRUE(copyright);
  EXPECT_TRUE(copyright->licences.empty());
  EXPECT_TRUE(copyright->texts.empty());
}

TEST(CommonLicences, AreNamedOnceSorted) {
  EXPECT_THAT(common_licences("see /usr/share/common-licenses/GPL-3.\nor /usr/share/common-licenses/BSD, "
                              "/usr/share/common-licenses/GPL-3 and /usr/share/common-licenses/\n"),
              ElementsAre("BSD", "GPL-3"));
  EXPECT_TRUE(common_licences("none").empty());
}

}  // namespace reburst::attest
