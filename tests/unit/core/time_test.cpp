#include "core/time.hpp"

#include <gtest/gtest.h>

namespace reburst {

TEST(Time, ReadsReleaseDates) {
  EXPECT_EQ(parse_release_date("Sat, 11 Jul 2026 10:16:37 UTC"), 1783764997);
  EXPECT_EQ(parse_release_date("Thu, 01 Jan 1970 00:00:00 +0000"), 0);
  EXPECT_EQ(parse_release_date("Tue, 29 Feb 2028 23:59:59 GMT"), parse_iso_time("2028-02-29T23:59:59Z"));
  EXPECT_EQ(parse_release_date("Sun, 1 Mar 2026 1:02:03 UTC"), parse_iso_time("2026-03-01T01:02:03Z"));
  for (const auto* bad :
       {"", "Sat, 11 Jul 2026 10:16:37", "Sat, 11 Jul 2026 10:16:37 CET", "Sat, 31 Jun 2026 10:16:37 UTC",
        "Sat, 11 Xul 2026 10:16:37 UTC", "Sat, 11 ulA 2026 10:16:37 UTC", "Sat, 11 Jul 2026 24:00:00 UTC",
        "Sat, 11 Jul 1969 10:16:37 UTC"}) {
    EXPECT_FALSE(parse_release_date(bad)) << bad;
  }
}

TEST(Time, ALeapSecondOfAMirrorIsTheNextMinutesFirst) {
  EXPECT_EQ(parse_release_date("Sat, 31 Dec 2016 23:59:60 UTC"), parse_iso_time("2017-01-01T00:00:00Z"));
  EXPECT_FALSE(parse_release_date("Sat, 31 Dec 2016 23:59:61 UTC"));
}

TEST(Time, ReadsAndWritesIsoTimes) {
  for (const auto* text :
       {"1970-01-01T00:00:00Z", "2026-07-11T10:16:37Z", "9999-12-31T23:59:59Z", "2000-02-29T12:00:00Z"}) {
    const auto epoch = parse_iso_time(text);
    ASSERT_TRUE(epoch) << text;
    EXPECT_EQ(iso_time(*epoch), text);
  }
  for (const auto* bad : {"", "2026-07-11", "2026-07-11T10:16:37", "2026-07-11T10:16:37+02:00", "2026-02-29T00:00:00Z",
                          "2026-07-11 10:16:37Z", "-026-07-11T10:16:37Z", "2026-01-01T00:00:60Z"}) {
    EXPECT_FALSE(parse_iso_time(bad)) << bad;
  }
}

TEST(Time, VersionsSortByTime) {
  EXPECT_EQ(version_time(1783764997), "20260711T101637Z");
  EXPECT_LT(version_time(1783764997), version_time(1783764998));
}

}  // namespace reburst
