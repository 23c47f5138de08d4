#include "trial/accelerator.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::trial {
namespace {

// Whatever the machine has, the answer must be one that runs a guest.
TEST(Accelerator, TheOneChosenRunsAGuest) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "accelerator").value();
  const auto accelerator = probe_accelerator(folder.path());
  ASSERT_TRUE(accelerator) << accelerator.error().render();
  // mov al, 0x10; mov dx, 0x501; out dx, al; hlt
  std::string sector("\xb0\x10\xba\x01\x05\xee\xf4");
  sector.resize(510, '\0');
  sector += "\x55\xaa";
  ASSERT_TRUE(write_file_atomic(folder.path() / "guest", sector));
  Command qemu;
  qemu.argv = {"qemu-system-x86_64",
               "-nodefaults",
               "-display",
               "none",
               "-m",
               "16",
               "-device",
               "isa-debug-exit,iobase=0x501,iosize=1",
               "-drive",
               "format=raw,snapshot=on,if=ide,file=" + (folder.path() / "guest").string()};
  const auto arguments = accelerator_arguments(*accelerator);
  qemu.argv.insert(qemu.argv.end(), arguments.begin(), arguments.end());
  qemu.timeout_seconds = 60;
  const auto exit = reburst::run(qemu);
  ASSERT_TRUE(exit) << exit.error().render();
  EXPECT_EQ(exit->status, 0x21) << exit->error;
}

TEST(Accelerator, IsNamedInTheReport) {
  EXPECT_EQ(accelerator_name(Accelerator::kKvm), "kvm");
  EXPECT_EQ(accelerator_name(Accelerator::kEmulation), "emulation");
}

}  // namespace
}  // namespace reburst::trial
