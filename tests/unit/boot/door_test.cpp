#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::boot {
namespace {

std::string program(const char* path) {
  return read_file(path, 64U << 20U).value();
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

// A PT_INTERP program header (ELF-64, gABI "Program Header"): what makes a program dynamically linked.
bool asks_for_a_loader(const std::string& elf) {
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(elf.data());
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, elf.data() + header->e_phoff + i * sizeof segment, sizeof segment);
    if (segment.p_type == PT_INTERP) return true;
  }
  return false;
}

TEST(Programs, ADynamicOneWouldBeSeen) {
  EXPECT_TRUE(asks_for_a_loader(program("/proc/self/exe")));
}

TEST(Programs, AreStaticSmallAndTellNoBuildPath) {
  for (const char* path : {REBURST_INIT, REBURST_INIT_TEST, REBURST_AGENT}) {
    const std::string bytes = program(path);
    EXPECT_LT(bytes.size(), 1'500'000U) << path;
    EXPECT_EQ(bytes.find(REBURST_SOURCE_DIR), std::string::npos) << path;
    EXPECT_FALSE(asks_for_a_loader(bytes)) << path;
    EXPECT_EQ(bytes.find("/.extra"), std::string::npos) << path;
  }
}

// It is compared, and never parsed: docs/adr/0020-command-line.md.
TEST(Programs, OneFileReadsTheKernelsCommandLine) {
  EXPECT_EQ(program(REBURST_AGENT).find("/proc/cmdline"), std::string::npos);
  std::vector<std::string> readers;
  for (const auto& each : std::filesystem::directory_iterator(REBURST_SOURCE_DIR "/boot")) {
    if (program(each.path().c_str()).find("\"/proc/cmdline\"") != std::string::npos)
      readers.push_back(each.path().filename().string());
  }
  EXPECT_EQ(readers, std::vector<std::string>{"command_line.cpp"});
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
