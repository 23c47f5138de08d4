#include "builder/measure/expected.hpp"

#include "builder/measure/pcr.hpp"
#include "event_log.hpp"
#include "program.hpp"
#include "signing/authenticode/authenticode.hpp"

namespace reburst::measure {
namespace {

std::string magic(const std::string& version) {
  return "#### LoaderInfo: systemd-stub " + version + " ####";
}

std::string boot_program(const std::string& version) {
  return testing::program({{".sbat", "sbat,1\n"},
                           {".sdmagic", magic(version)},
                           {".osrel", "ID=debian\n"},
                           {".cmdline", "quiet"},
                           {".uname", "6.1"},
                           {".linux", "kernel"},
                           {".initrd", "initrd"}});
}

// The names in the log are UTF-16 with a NUL at the end.
std::string name_of(const testing::Event& event) {
  std::string out;
  for (std::size_t i = 0; i + 2 < event.content.size(); i += 2) out += event.content[i];
  return out;
}

TEST(MeasuredSections, AreThoseOfARealLogInItsOrder) {
  for (const unsigned release : {252U, 257U}) {
    const auto log = testing::read_log("ovmf-stub-" + std::to_string(release) + ".log");
    const auto events = testing::events_of(log, 11);
    std::vector<std::string> names;
    for (std::size_t i = 0; i + 1 < events.size(); i += 2) {  // the name, the content
      names.push_back(name_of(events[i]));
      EXPECT_EQ(events[i].digest, sha256(names.back() + '\0'));
    }
    const auto measured = measured_sections(release);
    EXPECT_EQ(names, std::vector<std::string>(measured.begin(), measured.end())) << release;
  }
  EXPECT_TRUE(measured_sections(254).empty());
}

TEST(StubRelease, StandsInTheProgram) {
  EXPECT_EQ(stub_release(boot_program("252.39-1~deb12u2")), 252U);
  EXPECT_EQ(stub_release(boot_program("257.13-1~deb13u1")), 257U);
  EXPECT_EQ(stub_release(boot_program("x")), std::nullopt);
  EXPECT_EQ(stub_release(boot_program("99999999999999999999999")), std::nullopt);
  EXPECT_EQ(stub_release(testing::program({{".sdmagic", "something else 252"}})), std::nullopt);
  EXPECT_EQ(stub_release(testing::program({{".linux", "kernel"}})), std::nullopt);
  EXPECT_EQ(stub_release(""), std::nullopt);
}

TEST(SectionsPcr, IsOfEachSectionsNameAndContentInTheStubsOrder) {
  Pcr pcr;
  const auto measure = [&](const std::string& name, const std::string& content) {
    pcr.extend_with(name + '\0');
    pcr.extend_with(content);
  };
  measure(".linux", "kernel");
  measure(".osrel", "ID=debian\n");
  measure(".cmdline", "quiet");
  measure(".initrd", "initrd");
  EXPECT_EQ(sections_pcr(boot_program("252.39")), pcr.value());
  measure(".uname", "6.1");
  measure(".sbat", "sbat,1\n");
  EXPECT_EQ(sections_pcr(boot_program("257.13")), pcr.value());
}

// A wrong value would be worse than none.
TEST(SectionsPcr, OfAStubThatIsNotKnownIsNone) {
  EXPECT_EQ(sections_pcr(boot_program("258.1")), std::nullopt);
  EXPECT_FALSE(expect(boot_program("258.1")).value());
}

TEST(Expect, IsOfTheWholeProgramAndOfItsSections) {
  const auto program = boot_program("252.39");
  const auto expected = expect(program).value();
  ASSERT_TRUE(expected);
  EXPECT_EQ(expected->boot_program, boot_program_pcr(authenticode::image_digest(program, "program").value()));
  EXPECT_EQ(expected->sections, sections_pcr(program));
  EXPECT_FALSE(expected->secure_boot);
}

TEST(Expect, RefusesAProgramWithBytesThatNoSignatureCovers) {
  auto program = boot_program("252.39");
  program[64 + 24 + 60 + 1] = 2;  // SizeOfHeaders: 512 of 1024
  const auto expected = expect(program);
  ASSERT_FALSE(expected);
  EXPECT_EQ(expected.error().code, ErrorCode::kIntegrity);
}

}  // namespace
}  // namespace reburst::measure
