#include "boot/devices.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reburst::boot {
namespace {

TEST(Matches, IsAsDepmodWritesPatterns) {
  EXPECT_TRUE(matches("virtio:d00000002v*", "virtio:d00000002v00001AF4"));
  EXPECT_FALSE(matches("virtio:d00000002v*", "virtio:d00000008v00001AF4"));
  EXPECT_TRUE(matches("pci:v000015ADd000007C0sv*sd*bc*sc*i*", "pci:v000015ADd000007C0sv000015ADsd000007C0bc01sc07i00"));
  EXPECT_FALSE(
      matches("pci:v000015ADd000007C0sv*sd*bc*sc*i*", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01"));
  EXPECT_TRUE(matches("pci:v*d*sv*sd*bc01sc08i02*", "pci:v0000144Dd0000A808sv0000144Dsd0000A801bc01sc08i02"));
  EXPECT_TRUE(matches("acpi*:VMBUS:*", "acpi:VMBUS:"));
  EXPECT_TRUE(matches("xen:vbd", "xen:vbd"));
  EXPECT_FALSE(matches("xen:vbd", "xen:vb"));
  EXPECT_FALSE(matches("xen:vb", "xen:vbd"));
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_TRUE(matches("*a*b", "aab"));
  EXPECT_FALSE(matches("*a*b", "aabc"));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("usb:v[0-3]*", "anything"));
}

TEST(Matches, EndsInTimeWithManyStars) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "b", std::string(400, 'a')));
}

TEST(Devices, OneOfManyIsEnough) {
  static Devices devices;
  devices.assume("pci:one\nvirtio:d00000002v00001AF4\n");
  EXPECT_TRUE(devices.has_any_of("xen:vbd\nvirtio:d00000002v*\n"));
  EXPECT_FALSE(devices.has_any_of("xen:vbd\nvirtio:d00000008v*\n"));
  EXPECT_FALSE(devices.has_any_of(""));
  EXPECT_FALSE(devices.has_any_of("\n"));
}

TEST(Devices, MoreThanFitAreAllThere) {
  static Devices devices;
  devices.assume(std::string(100'000, 'x'));
  EXPECT_TRUE(devices.has_any_of("xen:vbd\n"));
}

TEST(Devices, AreReadFromTheKernel) {
  static Devices devices;
  EXPECT_FALSE(devices.has_any_of("no such bus:*\n"));
  devices.assume("made up\n");
  EXPECT_TRUE(devices.has_any_of("made*\n"));
  devices.forget();
  EXPECT_FALSE(devices.has_any_of("made*\n"));
}

}  // namespace
}  // namespace reburst::boot
