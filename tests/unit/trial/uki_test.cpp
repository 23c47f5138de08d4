#include "trial/uki.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reburst::trial {
namespace {

std::string number(std::uint32_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
  return out;
}

std::string section(std::string name, std::uint32_t virtual_size, std::uint32_t raw_size, std::uint32_t offset) {
  name.resize(8, '\0');
  return name + number(virtual_size, 4) + number(0, 4) + number(raw_size, 4) + number(offset, 4) +
         std::string(16, '\0');
}

// A PE program of headers only: two sections, the second with the command line at 0x200.
std::string program(const std::string& cmdline, std::uint32_t virtual_size) {
  std::string out = "MZ";
  out.resize(0x3c, '\0');
  out += number(0x40, 4);
  out += std::string("PE\0\0", 4) + number(0x8664, 2) + number(2, 2) + std::string(12, '\0') + number(16, 2) +
         number(0, 2);
  out += std::string(16, 'o');
  out += section(".text", 4, 4, 0x200) + section(".cmdline", virtual_size, 512, 0x200);
  out.resize(0x200, '\0');
  out += cmdline;
  out.resize(0x400, '\0');
  return out;
}

TEST(Uki, ReadsItsCommandLine) {
  EXPECT_EQ(read_cmdline(program("console=tty0 quiet\n", 19), "x").value(), "console=tty0 quiet");
  EXPECT_EQ(read_cmdline(program("quiet", 512), "x").value(), "quiet");
}

TEST(Uki, RefusesWhatIsNoUki) {
  const std::string good = program("quiet", 5);
  for (const std::size_t size : {0U, 1U, 2U, 0x3cU, 0x40U, 0x50U, 0x70U, 0x90U, 0x203U}) {
    EXPECT_FALSE(read_cmdline(good.substr(0, size), "x")) << size;
  }
  std::string other = good;
  other.replace(other.find(".cmdline"), 8, ".cmdlinf");
  EXPECT_FALSE(read_cmdline(other, "x"));
  std::string far = good;
  far.replace(0x3c, 4, number(0xffffffffU, 4));
  EXPECT_FALSE(read_cmdline(far, "x"));
  const auto failed = read_cmdline("text", "web.efi");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(failed.error().message, "cannot read the command line of \"web.efi\": no UKI with a section \".cmdline\"");
}

}  // namespace
}  // namespace reburst::trial
