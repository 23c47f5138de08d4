#include "attack/esp_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>

#include "builder/image/bytes.hpp"
#include "builder/image/fat.hpp"
#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::attack {
namespace {

constexpr std::uint64_t kStart = 1U << 20U;

class EspFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::make_unique<TempDirectory>(TempDirectory::make(::testing::TempDir(), "esp").value());
    file_ = folder_->path() / "disk";
    ASSERT_TRUE(write_file_atomic(file_, ""));
    fd_ = Fd(::open(file_.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::ftruncate(fd_.get(), static_cast<off_t>(kStart + image::esp_size(program_.size()).value())), 0);
    ASSERT_TRUE(image::write_esp(fd_.get(), kStart, image::as_bytes(program_), {.volume_id = 1}));
  }
  // What mtools reads there, a reader that is not ours.
  std::string read(const std::string& path) {
    Command command;
    command.argv = {"mtype", "-i", file_.string() + "@@" + std::to_string(kStart), "::" + path};
    return run(command).value().out;
  }

  std::unique_ptr<TempDirectory> folder_;
  fs::path file_;
  Fd fd_{-1};
  std::string program_ = std::string(300000, 'p');
};

TEST_F(EspFiles, AreReadByOthersUnderTheirLongNames) {
  const std::string large(3000, 'l');
  ASSERT_TRUE(add_esp_files(fd_.get(), kStart,
                            {{"BOOTX64.EFI.extra.d", {{"tmpfiles.extra.cred", "one"}, {"attack.raw", large}}}}));
  EXPECT_EQ(read("/EFI/BOOT/BOOTX64.EFI.extra.d/tmpfiles.extra.cred"), "one");
  EXPECT_EQ(read("/EFI/BOOT/BOOTX64.EFI.extra.d/attack.raw"), large);
  EXPECT_EQ(read("/EFI/BOOT/BOOTX64.EFI"), program_);
}

TEST_F(EspFiles, LeaveAFileSystemThatFsckFindsWhole) {
  ASSERT_TRUE(add_esp_files(fd_.get(), kStart, {{"BOOTX64.EFI.extra.d", {{"attack.addon.efi", "x"}}}}));
  std::string esp = read_file(file_, 1U << 30U).value().substr(kStart);
  ASSERT_TRUE(write_file_atomic(folder_->path() / "esp", esp));
  Command command;
  command.argv = {"fsck.fat", "-n", (folder_->path() / "esp").string()};
  const auto exit = run(command).value();
  EXPECT_EQ(exit.status, 0) << exit.out;
}

TEST_F(EspFiles, ThatDoNotFitAreNoCase) {
  const auto found = add_esp_files(fd_.get(), kStart, {{"x.extra.d", {{"a", std::string(64U << 20U, 'x')}}}});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kMissing);
  EXPECT_EQ(found.error().message, "the ESP has no room for more files");
}

}  // namespace
}  // namespace reburst::attack
