#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace reburst::attack {

struct EspFile {
  std::string name, content;
};
struct EspFolder {
  std::string name;
  std::vector<EspFile> files;
};

// Adds folders with files to /EFI/BOOT of an EFI system partition that image::write_esp() made, under long names
// (Microsoft's "FAT: General Overview of On-Disk Format" 1.03). kMissing when it has no room.
[[nodiscard]] Result<> add_esp_files(int disk, std::uint64_t esp, const std::vector<EspFolder>& folders);

}  // namespace reburst::attack
