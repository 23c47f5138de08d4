#include "trial/tpm.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::trial {
namespace {

std::string answer() {
  std::string out("\x80\x01\x00\x00\x00\x82\x00\x00\x00\x00", 10);
  out += std::string("\x00\x00\x00\xc0", 4) + std::string("\x00\x00\x00\x01\x00\x0b\x03\x90\x08\x00", 10);
  out += std::string("\x00\x00\x00\x03", 4);
  for (const char each : {'a', 'b', 'c'}) out += std::string("\x00\x20", 2) + std::string(32, each);
  return out;
}

TEST(ParseRegisters, TakesTheThreeThatWereAsked) {
  const auto registers = parse_registers(answer());
  ASSERT_TRUE(registers);
  EXPECT_EQ(registers->size(), 3U);
  EXPECT_EQ(registers->at(4).bytes[0], 'a');
  EXPECT_EQ(registers->at(7).bytes[31], 'b');
  EXPECT_EQ(registers->at(11).bytes[0], 'c');
}

TEST(ParseRegisters, RefusesWhatIsCutShortOrAnotherAnswer) {
  for (std::size_t size = 0; size < answer().size(); ++size) EXPECT_FALSE(parse_registers(answer().substr(0, size)));
  EXPECT_FALSE(parse_registers(answer() + '\0'));
  for (const std::size_t at : {0U, 5U, 9U, 17U, 19U, 22U, 27U, 29U, 63U}) {
    std::string changed = answer();
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(parse_registers(changed)) << at;
  }
}

// Nothing was measured yet.
TEST(Tpm, AnswersWithoutAMachine) {
  if (!find_program("swtpm")) GTEST_SKIP() << "swtpm is not installed";
  const auto folder = TempDirectory::make("/tmp", "tpm-test").value();
  auto tpm = Tpm::start(folder.path() / "tpm");
  ASSERT_TRUE(tpm) << tpm.error().message;
  const auto registers = tpm->read();
  ASSERT_TRUE(registers) << registers.error().message;
  for (const unsigned number : {4U, 7U, 11U}) EXPECT_EQ(registers->at(number), Digest());
  EXPECT_TRUE(tpm->read()) << "once more";
}

}  // namespace
}  // namespace reburst::trial
