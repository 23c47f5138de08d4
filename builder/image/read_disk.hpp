#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/digest.hpp"
#include "core/result.hpp"

namespace reburst::image {

// Bytes of an open file or block device.
[[nodiscard]] Result<std::uint64_t> disk_size(int fd, const std::filesystem::path& disk);

// The verity root hash of a disk that make_image() wrote, computed from the root file system's data; the stored tree
// must be the same. Nothing on the disk is believed: kIntegrity when the partitions are not those of the Discoverable
// Partitions Specification, exactly one root and one verity, with the UUIDs that the root hash gives them.
[[nodiscard]] Result<Digest> disk_root_hash(const std::filesystem::path& disk, std::size_t jobs);

// What the root partition of such a disk is called, ROLE_VERSION, cut to 36 characters; empty when it has none. Nothing
// vouches for it.
[[nodiscard]] std::string disk_name(const std::filesystem::path& disk);

}  // namespace reburst::image
