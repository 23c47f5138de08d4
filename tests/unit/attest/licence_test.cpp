#include "builder/attest/licence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reburst::attest {

namespace {

std::string expression(std::vector<std::string> licences, ExtractedLicences* extracted = nullptr) {
  ExtractedLicences own;
  return spdx_expression({std::move(licences), {}}, extracted != nullptr ? *extracted : own);
}

}  // namespace

struct Name {
  const char *debian, *spdx;
};
class SpdxIdentifier : public testing::TestWithParam<Name> {};
TEST_P(SpdxIdentifier, OfADebianName) {
  EXPECT_EQ(spdx_identifier(GetParam().debian).value_or("-"), GetParam().spdx);
}
INSTANTIATE_TEST_SUITE_P(
    Table, SpdxIdentifier,
    testing::Values(Name{"GPL-2+", "GPL-2.0-or-later"}, Name{"GPL-2", "GPL-2.0-only"},
                    Name{"gpl-3.0+", "GPL-3.0-or-later"}, Name{"GPL-2.0-only", "GPL-2.0-only"},
                    Name{"LGPL-2.1-or-later", "LGPL-2.1-or-later"}, Name{"GPL-1+", "GPL-1.0-or-later"},
                    Name{"AGPL-3+", "AGPL-3.0-or-later"}, Name{"GFDL-1.3+", "GFDL-1.3-or-later"},
                    Name{"GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"}, Name{"Expat", "MIT"}, Name{"MIT", "MIT"},
                    Name{"BSD-3-Clause", "BSD-3-Clause"}, Name{"ZLIB", "Zlib"}, Name{"CC0", "CC0-1.0"},
                    Name{"Artistic", "Artistic-1.0-Perl"},
                    Name{"GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"},
                    Name{"GPL-3+ with Bison-2.2 exception", "GPL-3.0-or-later WITH Bison-exception-2.2"},
                    // Several texts go by these names, or none.
                    Name{"GPL", "-"}, Name{"GPL+", "-"}, Name{"GPL-4", "-"}, Name{"MIT/X11", "-"},
                    Name{"LGPL-2.1++", "-"}, Name{"public-domain", "-"}, Name{"GPL-2+ with OpenSSL exception", "-"},
                    Name{"", "-"}));

struct Written {
  const char *debian, *spdx;
};
class SpdxExpression : public testing::TestWithParam<Written> {};
TEST_P(SpdxExpression, OfWhatIsWritten) {
  EXPECT_EQ(expression({GetParam().debian}), GetParam().spdx);
}
INSTANTIATE_TEST_SUITE_P(
    Table, SpdxExpression,
    testing::Values(Written{"Expat", "MIT"}, Written{"GPL-1+ or Artistic", "(Artistic-1.0-Perl OR GPL-1.0-or-later)"},
                    Written{"ISC and Expat", "ISC AND MIT"}, Written{"ISC and/or Expat", "(ISC OR MIT)"},
                    // "and" binds tighter than "or" …
                    Written{"ISC or Zlib and Expat", "((MIT AND Zlib) OR ISC)"},
                    // … unless a comma stands before it.
                    Written{"ISC or Zlib, and Expat", "(ISC OR Zlib) AND MIT"},
                    Written{"ISC and Zlib, or Expat", "((ISC AND Zlib) OR MIT)"},
                    Written{"GPL-2+ or AFL-2.1, and Expat and ISC", "(AFL-2.1 OR GPL-2.0-or-later) AND ISC AND MIT"},
                    Written{"Expat or Expat", "MIT"}, Written{"ISC,", "ISC"}));

TEST(Licence, AllThatAFileNamesIsJoinedSortedAndOnce) {
  EXPECT_EQ(expression({"Zlib", "ISC or Expat", "ISC and Zlib"}), "(ISC OR MIT) AND ISC AND Zlib");
  EXPECT_EQ(expression({}), "");
}

TEST(Licence, WhatHasNoIdentifierIsAReferenceToItsText) {
  ExtractedLicences extracted;
  const Copyright copyright{{"public-domain", "(odd) one or Expat"}, {{"public-domain", "Free for all.\n"}}};
  const std::string result = spdx_expression(copyright, extracted);
  EXPECT_THAT(result, testing::MatchesRegex(
                          R"(\(LicenseRef--odd--one-[0-9a-f]{8} OR MIT\) AND LicenseRef-public-domain-[0-9a-f]{8})"));
  ASSERT_EQ(extracted.size(), 2U);
  EXPECT_EQ(extracted.rbegin()->second.name, "public-domain");
  EXPECT_EQ(extracted.rbegin()->second.text, "Free for all.\n");
  EXPECT_EQ(extracted.begin()->second.text, "The copyright file names this licence without its text.\n");
}

TEST(Licence, OneReferenceMeansOneTextWhereverItIsFound) {
  ExtractedLicences extracted;
  const std::string first = spdx_expression({{"odd"}, {{"odd", "one"}}}, extracted);
  EXPECT_EQ(spdx_expression({{"odd"}, {{"odd", "one"}}}, extracted), first);
  EXPECT_NE(spdx_expression({{"odd"}, {{"odd", "two"}}}, extracted), first);
  EXPECT_EQ(extracted.size(), 2U);
}

TEST(Licence, OddWordsEndInAReferenceNotInNonsense) {
  for (const std::string odd : {"or", "and or", "or or or", ", and", "and and and", "with", "\xff\xfe"}) {
    ExtractedLicences extracted;
    const std::string result = expression({odd}, &extracted);
    EXPECT_THAT(result, testing::HasSubstr("LicenseRef-")) << odd;
    EXPECT_FALSE(extracted.empty()) << odd;
  }
}

}  // namespace reburst::attest
