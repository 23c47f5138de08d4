#include "builder/describe/manifest.hpp"
#include "core/file.hpp"
#include "trial/trial.hpp"
#include "trial/uki.hpp"

namespace reburst::trial {

namespace {

constexpr std::uint64_t kMaxManifest = 16U << 20U;
constexpr std::uint64_t kMaxUki = 512U << 20U;

Result<std::filesystem::path> artifact(const describe::Manifest& manifest, const std::filesystem::path& folder,
                                       std::string_view kind) {
  for (const image::Artifact& each : manifest.artifacts) {
    if (each.kind != kind) continue;
    auto path = folder / each.name;
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path;
    return fail(ErrorCode::kMissing, "\"" + path.string() + "\" is not there, but the manifest names it",
                "build the image again");
  }
  return fail(ErrorCode::kMissing, "the release in \"" + folder.string() + "\" has no " + std::string(kind),
              "only an image with a kernel can boot: set kernel.package in the recipe");
}

}  // namespace

Result<Release> open_release(const std::filesystem::path& folder, std::size_t jobs) {
  const auto file = folder / describe::kManifestName;
  const std::string text = REBURST_TRY(read_file(file, kMaxManifest));
  const describe::Manifest manifest = REBURST_TRY(describe::parse(text, file.string()));
  REBURST_TRY(describe::check_release(folder, manifest, jobs));
  Release release;
  release.disk = REBURST_TRY(artifact(manifest, folder, "disk"));
  release.kernel = REBURST_TRY(artifact(manifest, folder, "kernel"));
  release.initrd = REBURST_TRY(artifact(manifest, folder, "initrd"));
  const auto uki = REBURST_TRY(artifact(manifest, folder, "uki"));
  const std::string program = REBURST_TRY(read_file(uki, kMaxUki));
  release.cmdline = REBURST_TRY(read_cmdline(program, uki.string()));
  release.tests = manifest.tests;
  release.state = manifest.state;
  release.measured_boot = manifest.measured_boot;
  return release;
}

}  // namespace reburst::trial
