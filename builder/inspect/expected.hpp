#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "builder/describe/manifest.hpp"
#include "builder/image/layout.hpp"
#include "builder/image/verity.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::inspect {

// What a release's disk has to be.
struct Expected {
  Epoch epoch = 0;
  image::Verity verity;
  image::DiskLayout layout;
  std::string program;                            // the boot program
  std::optional<image::BootSignature> signature;  // that it carries
  std::optional<std::string> files;               // the file list, where it is there
  bool compressed = false;                        // a file system that does not keep files in one piece
};

// From a release's folder, of which the caller trusts the manifest: the boot program and the file list are what it says
// (kIntegrity, kMissing), and the program's boot.conf names this very release. Only for releases with a disk
// (kMissing).
[[nodiscard]] Result<Expected> read_expected(const std::filesystem::path& folder, const describe::Manifest& manifest);

}  // namespace reburst::inspect
