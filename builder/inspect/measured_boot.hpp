#pragma once

#include <filesystem>

#include "builder/describe/manifest.hpp"
#include "core/result.hpp"

namespace reburst::inspect {

enum class MeasuredBoot { kNone, kNotKnown, kAsTheManifestSays };

// Computes PCR 4 and 11 from the boot program that a firmware finds on the disk, which has to be the folder's, and
// compares them with the manifest's (docs/formats/manifest.md); the caller has verified disk and folder. kIntegrity
// when they differ. PCR 7 is not compared: it depends on the firmware's keys. kNone: the manifest names none;
// kNotKnown: the boot stub is of a release whose measurements are not known.
[[nodiscard]] Result<MeasuredBoot> check_measured_boot(const describe::Manifest& manifest,
                                                       const std::filesystem::path& folder,
                                                       const std::filesystem::path& disk);

}  // namespace reburst::inspect
