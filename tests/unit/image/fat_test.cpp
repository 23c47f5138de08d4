#include "builder/image/fat.hpp"

#include <unistd.h>

#include "builder/image/bytes.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::need;
using testing::noise;
using testing::tool;

class Esp : public FolderTest {
 protected:
  fs::path make(const std::string& program, Epoch epoch = 1783764997) {
    const Fd fd = need(open_write(folder_ / "esp"));
    EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(need(esp_size(program.size())))), 0);
    need(write_esp(fd.get(), 0, as_bytes(program), {.volume_id = 0x0a0e6665, .epoch = epoch}));
    return folder_ / "esp";
  }
};

// One byte, whole clusters, the size where FAT32's smallest volume no longer suffices, and larger clusters.
TEST_F(Esp, FsckAcceptsItAndMtoolsReadTheProgram) {
  for (const std::size_t size : {1U, 512U, 5'000'000U, 33'500'000U, 270'000'001U}) {
    SCOPED_TRACE(size);
    const std::string program = noise(size, 3);
    const fs::path esp = make(program);
    EXPECT_EQ(fs::file_size(esp) % kMebibyte, 0U);
    const std::string said = tool({"fsck.fat", "-n", "-v", esp.string()});
    EXPECT_THAT(said, ::testing::HasSubstr("32 bit entries"));
    EXPECT_THAT(said, ::testing::HasSubstr("3 files"));
    tool({"mcopy", "-n", "-i", esp.string(), "::/EFI/BOOT/BOOTX64.EFI", (folder_ / "out").string()});
    EXPECT_TRUE(testing::read(folder_ / "out") == program);
    fs::remove(folder_ / "out");
  }
}

TEST_F(Esp, NamesAndTimesAreTheGivenOnes) {
  const std::string said = tool({"mdir", "-i", make("x").string(), "::/EFI/BOOT"});
  EXPECT_THAT(said, ::testing::HasSubstr("Volume Serial Number is 0A0E-6665"));
  EXPECT_THAT(said, ::testing::ContainsRegex("BOOTX64 +EFI +1 2026-07-11  10:16"));
}

TEST_F(Esp, TimesBefore1980AreClamped) {
  EXPECT_THAT(tool({"mdir", "-i", make("x", 0).string(), "::/EFI/BOOT"}), ::testing::HasSubstr("1980-01-01"));
}

TEST_F(Esp, AProgramBeyondReasonIsRefused) {
  EXPECT_EQ(esp_size((1ULL << 30U) + 1).error().message, "the boot program is 1.0 GiB, larger than 1 GiB");
}

}  // namespace reburst::image
