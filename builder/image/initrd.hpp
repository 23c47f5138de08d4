#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "builder/image/modules.hpp"
#include "builder/image/uuid.hpp"
#include "builder/image/verity.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/time.hpp"

namespace reburst::image {

// What reburst-init is told (docs/formats/boot-conf.md).
struct BootConfiguration {
  std::string role, version;
  Verity verity;
  Uuid data_partition, hash_partition;
  recipe::Boot boot;
  Epoch epoch = 0;                   // of the image: a ticket is not believed to be older
  std::optional<Digest> trust_root;  // of the root.json in the initrd
  std::string command_line;          // the boot program's: reburst-init compares it with the kernel's
  std::vector<recipe::StateVolume> state;
};
[[nodiscard]] std::string boot_conf(const BootConfiguration& configuration);

// The initrd: /init, /boot.conf, /root.json where there is a trusted root, /modules/NN-NAME.ko in loading order, and
// the folders that init mounts on. Uncompressed: it is small, and no compressor's version becomes an input of the
// image.
[[nodiscard]] std::string make_initrd(std::span<const std::byte> init, const std::string& boot_conf,
                                      const std::string& trust_root, const std::vector<BootModule>& modules,
                                      Epoch epoch);

}  // namespace reburst::image
