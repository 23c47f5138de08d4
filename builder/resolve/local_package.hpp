#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/digest.hpp"
#include "core/result.hpp"

namespace reburst::resolve {

// A recipe's own .deb: its control file and what identifies its bytes.
struct LocalPackage {
  std::string control;  // one stanza
  std::uint64_t size = 0;
  Digest sha256;
};

// Reads control from the archive in the archive (deb(5)). kPackage when the file is not a whole, well-formed package;
// kMissing when it is not there. Nothing is unpacked.
[[nodiscard]] Result<LocalPackage> read_local_package(const std::filesystem::path& file);

}  // namespace reburst::resolve
