#include "builder/measure/pcr.hpp"

#include "event_log.hpp"

namespace reburst::measure {
namespace {

using testing::Event;

const std::vector<std::string> kLogs = {"ovmf-stub-252.log", "ovmf-stub-257.log"};

std::size_t number(const std::string& bytes, std::size_t at) {
  std::size_t value = 0;
  for (std::size_t i = 8; i > 0; --i) value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

Variable variable_of(const Event& event) {
  const std::size_t characters = number(event.content, 16);
  Variable out{.vendor = event.content.substr(0, 16), .name = {}, .data = event.content.substr(32 + 2 * characters)};
  for (std::size_t i = 0; i < characters; ++i) out.name += event.content[32 + 2 * i];
  return out;
}

TEST(Pcr, IsZerosAfterAReset) {
  EXPECT_EQ(Pcr().value(), Digest());
}

TEST(Pcr, ReplaysARealLog) {
  for (const std::string& name : kLogs) {
    const auto log = testing::read_log(name);
    for (const auto& [number, value] : log.registers) {
      Pcr pcr;
      for (const Event& event : testing::events_of(log, number)) pcr.extend(event.digest);
      EXPECT_EQ(pcr.value(), value) << name << " PCR " << number;
    }
  }
}

TEST(BootProgramPcr, IsWhatARealTpmHeld) {
  for (const std::string& name : kLogs) {
    const auto log = testing::read_log(name);
    const auto events = testing::events_of(log, 4);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events.back().type, "80000003");  // EV_EFI_BOOT_SERVICES_APPLICATION
    EXPECT_EQ(boot_program_pcr(events.back().digest), log.registers.at(4)) << name;
    EXPECT_NE(boot_program_pcr(sha256("another program")), log.registers.at(4));
  }
}

TEST(SecureBootPcr, IsWhatARealTpmHeld) {
  const auto log = testing::read_log(kLogs[0]);
  std::vector<Variable> policy;
  Variable authority;
  std::string names;
  for (const Event& event : testing::events_of(log, 7)) {
    if (event.type == "80000001") policy.push_back(variable_of(event));  // EV_EFI_VARIABLE_DRIVER_CONFIG
    if (event.type == "800000e0") authority = variable_of(event);        // EV_EFI_VARIABLE_AUTHORITY
  }
  for (const Variable& each : policy) names += each.name + " ";
  EXPECT_EQ(names + authority.name, "SecureBoot PK KEK db dbx db");
  EXPECT_EQ(secure_boot_pcr(policy, authority), log.registers.at(7));
  policy[0].data = std::string(1, '\0');
  EXPECT_NE(secure_boot_pcr(policy, authority), log.registers.at(7)) << "with Secure Boot off";
}

}  // namespace
}  // namespace reburst::measure
