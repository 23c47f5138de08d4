#include "builder/inspect/measured_boot.hpp"

#include "builder/image/bytes.hpp"
#include "builder/image/fat.hpp"
#include "builder/inspect/expected.hpp"
#include "small_release.hpp"
#include "tests/unit/measure/program.hpp"

namespace reburst::inspect {

namespace {

// Of the release of systemd that is named.
std::string stub_of(const std::string& release) {
  constexpr std::size_t kImageSize = 64 + 24 + 56;
  std::string out = measure::testing::program(
      {{".text", std::string(300, 't')}, {".sdmagic", "#### LoaderInfo: systemd-stub " + release + " ####"}});
  out[kImageSize + 1] = 0x30;  // 12288, behind both
  return out;
}

}  // namespace

class MeasuredBootTest : public SmallRelease {
 protected:
  explicit MeasuredBootTest(const std::string& stub = stub_of("252.39-1~deb12u2")) : SmallRelease(stub) {}

  [[nodiscard]] Result<MeasuredBoot> check() const { return check_measured_boot(manifest_, folder_ / "out", disk()); }
  void expect_refused(const std::string& message) const {
    const auto result = check();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(result.error().message, message);
    EXPECT_EQ(result.error().hint, "tell the publisher: this release is not consistent");
  }
  [[nodiscard]] std::string another(int pcr, const Digest& named, const Digest& computed) const {
    return "\"" + (folder_ / "out/manifest.json").string() +
           "\" names a measured boot that is not the image's: after its boot program PCR " + std::to_string(pcr) +
           " of a TPM holds another value\n  manifest: " + named.hex() + "\n  computed: " + computed.hex();
  }
};

TEST_F(MeasuredBootTest, OfTheImageIsTheManifests) {
  ASSERT_TRUE(manifest_.measured_boot);
  manifest_.measured_boot->secure_boot = sha256("of keys that nobody has here");
  EXPECT_EQ(check().value(), MeasuredBoot::kAsTheManifestSays);
}

TEST_F(MeasuredBootTest, EachRegisterOfAnotherValueIsRefused) {
  ASSERT_TRUE(manifest_.measured_boot);
  const auto good = *manifest_.measured_boot;
  const auto other = sha256("another");
  manifest_.measured_boot->boot_program = other;
  expect_refused(another(4, other, good.boot_program));
  manifest_.measured_boot = good;
  manifest_.measured_boot->sections = other;
  expect_refused(another(11, other, good.sections));
}

TEST_F(MeasuredBootTest, AnotherBootProgramOnTheDiskIsRefused) {
  flip(layout().esp.start + image::esp_program_offset(expected_.program.size()) + 700);
  expect_refused("the boot program on \"" + disk().string() + "\" is not the one in \"" + (folder_ / "out").string() +
                 "\"");
}

TEST_F(MeasuredBootTest, AManifestThatNamesNoneIsLeftAlone) {
  manifest_.measured_boot.reset();
  EXPECT_EQ(check().value(), MeasuredBoot::kNone);
}

class OtherStub : public MeasuredBootTest {
 protected:
  OtherStub() : MeasuredBootTest(stub_of("999")) {}
};

TEST_F(OtherStub, CannotBeCompared) {
  EXPECT_FALSE(manifest_.measured_boot);
  manifest_.measured_boot = measure::Expected{sha256("a"), {}, sha256("b")};
  EXPECT_EQ(check().value(), MeasuredBoot::kNotKnown);
}

}  // namespace reburst::inspect
