#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "builder/image/gpt.hpp"
#include "builder/image/verity.hpp"
#include "core/digest.hpp"
#include "core/result.hpp"

namespace reburst::image {

// systemd-veritysetup-generator(8): the root hash's halves name the partitions.
[[nodiscard]] Uuid data_partition_uuid(const Digest& root_hash);
[[nodiscard]] Uuid hash_partition_uuid(const Digest& root_hash);

// Where the root file system starts, and then its hash tree, in bytes.
inline constexpr std::uint64_t kRootStart = kMebibyte;
[[nodiscard]] std::uint64_t hash_start(std::uint64_t data_blocks);

// A disk without its content (docs/formats/disk-image.md): all of it follows from the release's name, the tree and the
// size of the boot program.
struct DiskLayout {
  Partition root, verity, esp;
  std::uint32_t esp_volume = 0;
  std::uint64_t size = 0;
  Gpt table;
};
[[nodiscard]] Result<DiskLayout> disk_layout(std::string_view role, std::string_view version, const Verity& verity,
                                             std::uint64_t program_bytes);

}  // namespace reburst::image
