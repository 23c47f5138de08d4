#include "boot/parse.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/time.hpp"

namespace reburst::boot {
namespace {

TEST(BootTime, IsTheSameAsTheRegistrys) {
  for (const Epoch time : {Epoch{0}, Epoch{951'782'399}, Epoch{951'782'400}, Epoch{1'795'219'200}, Epoch{4'107'542'399},
                           Epoch{253'402'300'799}}) {
    std::uint64_t seconds = 1;
    EXPECT_TRUE(boot::parse_time(iso_time(time), seconds)) << iso_time(time);
    EXPECT_EQ(seconds, static_cast<std::uint64_t>(time));
    EXPECT_EQ(time_text(seconds).view(), iso_time(time));
  }
}

TEST(BootTime, OfAVersion) {
  std::uint64_t seconds = 0;
  ASSERT_TRUE(parse_version_time("20261121T161027Z", seconds));
  EXPECT_EQ(time_text(seconds).view(), "2026-11-21T16:10:27Z");
  EXPECT_FALSE(parse_version_time("20261121T161027Z1", seconds));
  EXPECT_FALSE(parse_version_time("1.2.3", seconds));
}

TEST(BootTime, HasOneSpelling) {
  for (const std::string_view text :
       {"", "2026-11-21", "2026-11-21T00:00:00", "2026-11-21T00:00:00z", "2026-11-21 00:00:00Z", "2026-11-21T00:00:60Z",
        "2026-11-21T24:00:00Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "1969-12-31T23:59:59Z", "2026-11-21T00:00:00.0Z", "+026-11-21T00:00:00Z",
        "2026-11-21T00:00:00+00:00", " 026-11-21T00:00:00Z"}) {
    std::uint64_t seconds = 0;
    EXPECT_FALSE(boot::parse_time(text, seconds)) << text;
  }
}

TEST(BootTime, OfAnyNumberIsAText) {
  EXPECT_FALSE(time_text(std::uint64_t{1} << 40U).full());
}

}  // namespace
}  // namespace reburst::boot
