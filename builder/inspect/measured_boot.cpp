#include "builder/inspect/measured_boot.hpp"

#include "builder/image/fat.hpp"
#include "builder/inspect/expected.hpp"
#include "core/file.hpp"

namespace reburst::inspect {

namespace {

constexpr const char* kHint = "tell the publisher: this release is not consistent";

Result<> compare(const std::filesystem::path& manifest, unsigned pcr, const Digest& named, const Digest& computed) {
  if (named == computed) return {};
  return fail(ErrorCode::kIntegrity,
              "\"" + manifest.string() +
                  "\" names a measured boot that is not the image's: after its boot program PCR " +
                  std::to_string(pcr) + " of a TPM holds another value\n  manifest: " + named.hex() +
                  "\n  computed: " + computed.hex(),
              kHint);
}

Result<std::string> boot_program(const std::filesystem::path& disk, const image::Partition& esp) {
  const Fd fd = REBURST_TRY(open_read(disk));
  return image::read_boot_program(fd.get(), esp.start, esp.size);
}

}  // namespace

Result<MeasuredBoot> check_measured_boot(const describe::Manifest& manifest, const std::filesystem::path& folder,
                                         const std::filesystem::path& disk) {
  if (!manifest.measured_boot) return MeasuredBoot::kNone;
  const auto expected = REBURST_TRY(read_expected(folder, manifest));
  const auto program = REBURST_TRY(boot_program(disk, expected.layout.esp));
  if (program != expected.program)
    return fail(ErrorCode::kIntegrity,
                "the boot program on \"" + disk.string() + "\" is not the one in \"" + folder.string() + "\"", kHint);
  const auto computed = REBURST_TRY(measure::expect(program));
  if (!computed) return MeasuredBoot::kNotKnown;
  const auto path = folder / describe::kManifestName;
  REBURST_TRY(compare(path, 4, manifest.measured_boot->boot_program, computed->boot_program));
  REBURST_TRY(compare(path, 11, manifest.measured_boot->sections, computed->sections));
  return MeasuredBoot::kAsTheManifestSays;
}

}  // namespace reburst::inspect
