#include "trial/machine.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "core/file.hpp"

namespace reburst::trial {
namespace {

struct Fixture : public ::testing::Test {
  Fixture() {
    std::array<int, 2> raw{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, raw.data()), 0);
    ours.reset(raw[0]);
    theirs.reset(raw[1]);
  }
  // What the program wrote to the socket; ends when it has no owner left.
  std::string heard() {
    theirs.reset();
    std::string text;
    std::array<char, 64> buffer{};
    for (ssize_t got = 0; (got = ::read(ours.get(), buffer.data(), buffer.size())) > 0;)
      text.append(buffer.data(), static_cast<std::size_t>(got));
    return text;
  }
  Result<Machine> shell(const std::string& script) {
    return Machine::start({"sh", "-c", script}, folder.path(), {theirs.get()});
  }

  const TempDirectory folder = TempDirectory::make(fs::temp_directory_path(), "machine").value();
  Fd ours, theirs;
};
using MachineTest = Fixture;

TEST_F(MachineTest, KeepsTheSocketAndItsMessages) {
  auto machine = shell("echo message in $TMPDIR; echo >&" + std::to_string(theirs.get()) + " said");
  ASSERT_TRUE(machine);
  EXPECT_EQ(heard(), "said\n");
  while (machine->alive()) std::this_thread::yield();
  EXPECT_EQ(read_file(folder.path() / "qemu.log", 1000).value(), "message in " + folder.path().string() + "\n");
}

TEST_F(MachineTest, IsKilledWhenItGoes) {
  {
    auto machine = shell("exec sleep 1000");
    ASSERT_TRUE(machine);
    EXPECT_TRUE(machine->alive());
  }
  EXPECT_EQ(heard(), "");  // would wait for 1000 s if the sleep still held its end
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST_F(MachineTest, DiesWithItsParent) {
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto machine = shell("exec sleep 1000");
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  EXPECT_EQ(heard(), "");
}

TEST_F(MachineTest, AMissingProgramIsAnError) {
  const auto machine = Machine::start({"reburst-no-such-program"}, folder.path(), {theirs.get()});
  ASSERT_FALSE(machine);
  EXPECT_EQ(machine.error().code, ErrorCode::kEnvironment);
}

}  // namespace
}  // namespace reburst::trial
