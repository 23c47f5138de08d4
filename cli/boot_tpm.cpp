#include "cli/boot_tpm.hpp"

namespace reburst::cli {

std::vector<Measurement> compare_registers(const measure::Expected& expected, const trial::Registers& registers,
                                           bool own_keys) {
  return {{4, expected.boot_program, registers.at(4)},
          {7, own_keys ? expected.secure_boot : std::nullopt, registers.at(7)},
          {11, expected.sections, registers.at(11)}};
}

Result<measure::Expected> require_measured_boot(const trial::Release& release, const std::filesystem::path& folder) {
  if (release.measured_boot) return *release.measured_boot;
  return fail(ErrorCode::kMissing,
              "the manifest of \"" + folder.string() + "\" does not say what a TPM should hold after its boot",
              "it was built by an earlier version, or with a boot stub that is not known: build it again, or boot it "
              "without --tpm");
}

Result<> require_equal(const std::vector<Measurement>& measurements, const std::filesystem::path& folder) {
  std::string differing;
  for (const Measurement& each : measurements) {
    if (!each.expected || *each.expected == each.found) continue;
    const std::string name = "PCR " + std::to_string(each.number);
    differing += "\n  " + name + std::string(8 - name.size(), ' ') + "expected  " + each.expected->hex() +
                 "\n          found     " + each.found.hex();
  }
  if (differing.empty()) return {};
  return fail(ErrorCode::kTest,
              "\"" + folder.string() + "\" booted, but its TPM does not hold what the manifest says" + differing,
              "PCR 4 is the boot program, 7 the firmware's keys, 11 the program's sections; "
              "docs/formats/manifest.md says what each assumes");
}

std::string text_of(const std::vector<Measurement>& measurements) {
  std::string out;
  for (const Measurement& each : measurements) {
    const std::string name = "PCR " + std::to_string(each.number);
    out += "  " + name + std::string(8 - name.size(), ' ') + each.found.hex() +
           (each.expected ? "  as the manifest says\n" : "  not compared: of other keys than the manifest knows\n");
  }
  return out;
}

Json json_of(const std::vector<Measurement>& measurements) {
  Json out = Json::object();
  for (const Measurement& each : measurements) {
    out["pcr" + std::to_string(each.number)] = {{"found", each.found.hex()}, {"compared", each.expected.has_value()}};
  }
  return out;
}

}  // namespace reburst::cli
