#include "trial/qemu.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/file.hpp"

namespace reburst::trial {
namespace {

using ::testing::Contains;
using ::testing::Not;

Options some_options() {
  Options options;
  options.release = {"/out/a,b.raw", "/out/kernel", "/out/initrd", "console=tty0 quiet", {}};
  return options;
}

std::vector<std::string> arguments_of(const Options& options, const Wiring& wiring) {
  return qemu_arguments(options, Accelerator::kEmulation, wiring).value();
}

TEST(Qemu, NeverWritesTheDiskNorReachesOut) {
  const auto arguments =
      arguments_of(some_options(), {"/w/console", "/w/initrd", "/w/vars", 9, {{80, 40080}, {443, 40443}}});
  EXPECT_THAT(arguments, Contains("if=virtio,format=raw,snapshot=on,file=/out/a,,b.raw"));
  EXPECT_THAT(
      arguments,
      Contains(
          "user,model=virtio-net-pci,restrict=on,hostfwd=tcp:127.0.0.1:40080-:80,hostfwd=tcp:127.0.0.1:40443-:443"));
  EXPECT_THAT(arguments, Contains("-no-reboot"));
  EXPECT_THAT(arguments, Contains("socket,id=agent,fd=9"));
}

TEST(Qemu, ADirectBootTakesTheTestInitrdAndTheReleasesCommandLine) {
  const auto arguments = arguments_of(some_options(), {"/w/console", "/w/initrd", "/w/vars", 9, {}});
  EXPECT_THAT(arguments, Contains("/w/initrd"));
  EXPECT_THAT(arguments, Not(Contains("/out/initrd")));
  EXPECT_THAT(arguments, Contains("console=tty0 quiet console=ttyS0"));
}

TEST(Qemu, SecureBootTakesTheFirmwareThatEnforcesItAndACopyOfTheNvram) {
  const auto folder = TempDirectory::make("/tmp", "qemu-test").value();
  ASSERT_TRUE(write_file_atomic(folder.path() / "nvram.fd", "variables"));
  auto options = some_options();
  options.nvram = folder.path() / "nvram.fd";
  const auto copy = folder.path() / "vars";
  const auto arguments = arguments_of(options, {"/w/console", "/w/initrd", copy, 9, {}});
  EXPECT_THAT(arguments, Contains("q35,smm=on"));
  EXPECT_THAT(arguments, Contains("driver=cfi.pflash01,property=secure,value=on"));
  EXPECT_THAT(arguments,
              Contains("if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd"));
  EXPECT_THAT(arguments, Contains("if=pflash,format=raw,unit=1,file=" + copy.string()));
  EXPECT_THAT(arguments, Not(Contains("-kernel")));
  EXPECT_EQ(read_file(copy, 100).value(), "variables");
  options.nvram = folder.path() / "none.fd";
  EXPECT_EQ(qemu_arguments(options, Accelerator::kEmulation, {"/w/console", "/w/initrd", copy, 9, {}}).error().code,
            ErrorCode::kMissing);
}

TEST(Qemu, AStateDiskComesBehindTheReleases) {
  Wiring wiring{"/w/console", "/w/initrd", "/w/vars", 9, {}};
  EXPECT_THAT(arguments_of(some_options(), wiring), Not(Contains(::testing::HasSubstr("cache=unsafe"))));
  wiring.state = "/w/st,ate";
  const auto arguments = arguments_of(some_options(), wiring);
  const auto release = std::ranges::find(arguments, "if=virtio,format=raw,snapshot=on,file=/out/a,,b.raw");
  const auto state = std::ranges::find(arguments, "if=virtio,format=raw,cache=unsafe,file=/w/st,,ate");
  ASSERT_NE(state, arguments.end());
  EXPECT_LT(release, state);
}

TEST(Qemu, EveryPortOfTheTestsGetsOneOfTheHosts) {
  const auto ports = choose_ports({{"a", recipe::HttpTest{80, "/", 200}},
                                   {"b", recipe::HttpTest{80, "/x", 404}},
                                   {"c", recipe::HttpTest{8080, "/", 200}},
                                   {"d", recipe::CommandTest{"true", {}, -1}}});
  ASSERT_TRUE(ports);
  ASSERT_EQ(ports->size(), 2U);
  EXPECT_NE(ports->at(80), ports->at(8080));
}

}  // namespace
}  // namespace reburst::trial
