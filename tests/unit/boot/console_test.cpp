#include "boot/console.hpp"

#include <gtest/gtest.h>

namespace reburst::boot {
namespace {

TEST(Console, AFrameSaysExpectedFoundReleaseAndWhatToDo) {
  BootConf conf;
  conf.role.add("web");
  conf.version.add("20260711T101637Z");
  Failure failure;
  failure.what.add("looking for the root partition");
  failure.expected.add("exactly one partition");
  failure.found.add("2");
  failure.advice.add("detach one");
  EXPECT_EQ(frame_of(failure, conf).view(),
            "\n==== reburst: boot refused ====\n"
            "  while     looking for the root partition\n"
            "  expected  exactly one partition\n"
            "  found     2\n"
            "  release   web 20260711T101637Z\n"
            "            0000000000000000000000000000000000000000000000000000000000000000\n"
            "  do        detach one\n"
            "  next      power off in 5 s\n"
            "==== reburst ====\n");
}

TEST(Console, AFrameWithoutAReleaseSaysNone) {
  const Frame frame = frame_of(Failure{}, BootConf{});
  EXPECT_EQ(frame.view().find("release"), std::string_view::npos);
}

TEST(Console, TheLongestFrameIsClosed) {
  const std::string longest(1000, 'x');
  Failure failure;
  failure.what.add(longest);
  failure.expected.add(longest);
  failure.found.add(longest);
  failure.advice.add(longest);
  EXPECT_TRUE(frame_of(failure, BootConf{}).view().ends_with("==== reburst ====\n"));
}

}  // namespace
}  // namespace reburst::boot
