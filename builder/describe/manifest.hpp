#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "builder/harden/harden.hpp"
#include "builder/image/image.hpp"
#include "builder/lock/lock.hpp"
#include "builder/measure/expected.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::describe {

// What is in a release, for people and deploy tools: manifest.json (docs/formats/manifest.md,
// recipes/schema/manifest-v1.json).
struct Manifest {
  std::string role, summary, version, architecture;
  Epoch epoch = 0;
  Digest recipe, lock;
  std::string tool;  // "reburst 0.1.0"
  std::vector<image::Artifact> artifacts;
  Digest root_hash;
  std::string kernel;                                    // release, empty without one
  std::optional<image::BootSignature> secure_boot = {};  // of the UKI; absent in the file when it is not signed
  std::optional<measure::Expected> measured_boot = {};   // absent without a kernel, and with a stub that is not known
  std::vector<std::string> cmdline;                      // the recipe's additions
  std::vector<lock::LockedPackage> packages;
  std::vector<std::string> run;  // the recipe's commands, in order
  std::vector<harden::Finding> controls;
  std::vector<recipe::ImageTest> tests;
  std::optional<recipe::Boot> boot;        // what a clone demands; absent without a kernel, and in releases of before
  std::optional<Digest> trust_root;        // of the TUF root in the initrd, that tickets are checked with
  std::vector<recipe::StateVolume> state;  // what a clone needs beside the disk; absent in the file when empty
};

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kSumsName = "SHA256SUMS";

// The manifest of a build: every field comes from the recipe, the lock and the stages' values; nothing from the
// machine.
[[nodiscard]] Manifest make_manifest(const recipe::Recipe& recipe, const lock::Lock& lock, const image::Image& image,
                                     const std::vector<harden::Finding>& controls, std::string_view version);

// Canonical JSON.
[[nodiscard]] std::string to_text(const Manifest& manifest);
// The inverse; refuses what it does not know (kIntegrity). Artifact names are plain file names.
[[nodiscard]] Result<Manifest> parse(std::string_view text, std::string_view name);

// Writes manifest.json, <role>.lock and SHA256SUMS beside the artifacts in `folder`.
[[nodiscard]] Result<> write_descriptions(const std::filesystem::path& folder, const Manifest& manifest,
                                          const lock::Lock& lock);

// Checks every file of `folder` against its SHA256SUMS: true when all are there with those digests, false when one is
// missing or differs. Reads artifacts on `jobs` threads. The sums file itself must hash to `sums`.
[[nodiscard]] Result<bool> matches(const std::filesystem::path& folder, const Digest& sums, std::size_t jobs);

// Checks `folder` against its SHA256SUMS and those against `manifest`, which was read there: every artifact is listed
// with the manifest's digest and has its size, and every listed file its digest. The first that has not is kIntegrity,
// or kMissing.
[[nodiscard]] Result<> check_release(const std::filesystem::path& folder, const Manifest& manifest, std::size_t jobs);

}  // namespace reburst::describe
