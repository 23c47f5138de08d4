#include "core/valid_utf8.hpp"

#include <gtest/gtest.h>

namespace reburst {
namespace {

TEST(ValidUtf8, LeavesTextAsItIs) {
  for (const std::string text : {"", "plain", "päckchen \"quoted\"\n", "\xf0\x9f\x93\xa6"})
    EXPECT_EQ(valid_utf8(text), text);
}

TEST(ValidUtf8, ReplacesWhatIsNone) {
  EXPECT_EQ(valid_utf8("a\xff"
                       "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(valid_utf8("\xc3"), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace reburst
