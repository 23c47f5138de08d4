#include "boot/command_line.hpp"

#include <gtest/gtest.h>

#include <string>

#include "boot/console.hpp"

namespace reburst::boot {
namespace {

const std::string kSigned = "console=tty0 panic=30 systemd.import_credentials=no";

TEST(CommandLine, IsTheSignedOneToTheByte) {
  EXPECT_TRUE(compare_command_lines(kSigned, kSigned));
  for (const std::string& other : {kSigned + " ", " " + kSigned, kSigned + "\n", kSigned + std::string(1, '\0'),
                                   kSigned.substr(1), kSigned.substr(0, kSigned.size() - 1), std::string()}) {
    EXPECT_FALSE(compare_command_lines(kSigned, other)) << other;
  }
}

TEST(CommandLine, WhatTheHostAppendedIsShown) {
  const auto compared = compare_command_lines(kSigned, kSigned + " systemd.mask=nginx.service");
  ASSERT_FALSE(compared);
  const std::string frame(frame_of(compared.error(), BootConf{}).view());
  EXPECT_NE(frame.find("  while     comparing the kernel's command line with the signed one\n"
                       "  expected  \"console=tty0 panic=30 systemd.import_credentials=no\"\n"
                       "  found     the same, and then \" systemd.mask=nginx.service\"\n"),
            std::string::npos)
      << frame;
  EXPECT_NE(frame.find("  do        take the words away that the host adds (SMBIOS strings of type 11, addons on the "
                       "ESP, another boot loader)\n"),
            std::string::npos)
      << frame;
}

TEST(CommandLine, AnotherOneIsShownWholeAndHarmless) {
  EXPECT_EQ(compare_command_lines("quiet", "init=/bin/sh \x1b[2J").error().found.view(), "\"init=/bin/sh ?[2J\"");
}

TEST(CommandLine, ALongOneIsCutOff) {
  const auto failure = compare_command_lines(std::string(2000, 'a'), std::string(4000, 'b')).error();
  EXPECT_TRUE(failure.expected.view().ends_with("a...\""));
  EXPECT_TRUE(failure.found.view().ends_with("b...\""));
  EXPECT_FALSE(failure.expected.full() || failure.found.full());
}

}  // namespace
}  // namespace reburst::boot
