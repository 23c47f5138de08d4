#include "builder/inspect/expected.hpp"

#include <algorithm>

#include "builder/inspect/boot_orders.hpp"
#include "core/file.hpp"

namespace reburst::inspect {

namespace {

constexpr std::uint64_t kMaxArtifact = 1U << 30U;

Result<const image::Artifact*> artifact_of(const describe::Manifest& manifest, std::string_view kind) {
  const auto found = std::find_if(manifest.artifacts.begin(), manifest.artifacts.end(),
                                  [&](const auto& one) { return one.kind == kind; });
  if (found != manifest.artifacts.end()) return &*found;
  return fail(ErrorCode::kMissing, "the release has no " + std::string(kind));
}

Result<std::string> read_artifact(const std::filesystem::path& folder, const image::Artifact& artifact) {
  const auto path = folder / artifact.name;
  auto content = REBURST_TRY(read_regular_file(path, std::min(artifact.size, kMaxArtifact)));
  if (sha256(content) == artifact.sha256) return content;
  return fail(ErrorCode::kIntegrity, "\"" + path.string() + "\" is not the file of the release",
              "bring the release's own file there");
}

Result<std::optional<std::string>> read_file_list(const std::filesystem::path& folder,
                                                  const describe::Manifest& manifest) {
  const auto artifact = artifact_of(manifest, "files");
  std::error_code ignored;
  if (!artifact || !std::filesystem::exists(folder / (*artifact)->name, ignored)) return std::nullopt;
  return REBURST_TRY(read_artifact(folder, **artifact));
}

}  // namespace

Result<Expected> read_expected(const std::filesystem::path& folder, const describe::Manifest& manifest) {
  const auto& disk = *REBURST_TRY(artifact_of(manifest, "disk"));
  const auto& program = *REBURST_TRY(artifact_of(manifest, "uki"));
  Expected out{.epoch = manifest.epoch,
               .verity = {},
               .layout = {},
               .program = REBURST_TRY(read_artifact(folder, program)),
               .signature = manifest.secure_boot,
               .files = REBURST_TRY(read_file_list(folder, manifest))};
  const auto orders = REBURST_TRY(read_boot_orders(out.program, program.name));
  out.verity = orders.verity;
  if (orders.role != manifest.role || orders.version != manifest.version ||
      orders.verity.root_hash != manifest.root_hash) {
    return fail(ErrorCode::kIntegrity,
                "the boot program of " + manifest.role + " " + manifest.version +
                    " would boot another root: " + orders.verity.root_hash.hex(),
                "tell the publisher: this release is not consistent");
  }
  out.layout = REBURST_TRY(image::disk_layout(manifest.role, manifest.version, out.verity, out.program.size()));
  if (out.layout.size != disk.size)
    return fail(ErrorCode::kIntegrity,
                "the disk of " + manifest.role + " " + manifest.version + " has " + std::to_string(disk.size) +
                    " bytes, and by its boot program " + std::to_string(out.layout.size),
                "tell the publisher: this release is not consistent");
  return out;
}

}  // namespace reburst::inspect
