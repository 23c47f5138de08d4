#include <gtest/gtest.h>

#include <string>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::boot {
namespace {

std::string program(const char* path) {
  return read_file(path, 8U << 20U).value();
}

// Words that only the door's code holds. The second half shows that the test would see them.
TEST(Door, TheReleasedInitHoldsNothingOfIt) {
  const std::string released = program(REBURST_INIT);
  const std::string test = program(REBURST_INIT_TEST);
  for (const char* word : {"reburst-agent", "/test/agent", "reburst-test", "multi-user.target"}) {
    EXPECT_EQ(released.find(word), std::string::npos) << word;
    EXPECT_NE(test.find(word), std::string::npos) << word;
  }
}

TEST(Programs, AreStaticSmallAndTellNoBuildPath) {
  for (const char* path : {REBURST_INIT, REBURST_INIT_TEST, REBURST_AGENT}) {
    const std::string bytes = program(path);
    EXPECT_LT(bytes.size(), 1'500'000U) << path;
    EXPECT_EQ(bytes.find(REBURST_SOURCE_DIR), std::string::npos) << path;
    EXPECT_EQ(bytes.find("ld-linux"), std::string::npos) << path;
    EXPECT_EQ(bytes.find("/proc/cmdline"), std::string::npos) << path;
    EXPECT_EQ(bytes.find("/.extra"), std::string::npos) << path;
  }
}

TEST(Programs, InitDoesNothingWhenItIsNotProcessOne) {
  Command init;
  init.argv = {REBURST_INIT};
  const auto exit = reburst::run(init);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->status, 2);
  EXPECT_EQ(exit->error, "reburst-init: this program is process 1 of an initrd and does nothing elsewhere\n");
}

}  // namespace
}  // namespace reburst::boot
