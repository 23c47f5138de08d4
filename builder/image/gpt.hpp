#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "builder/image/bytes.hpp"
#include "builder/image/uuid.hpp"
#include "core/result.hpp"

namespace reburst::image {

// Discoverable Partitions Specification, x86-64.
inline constexpr Uuid kEspType = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"_uuid;
inline constexpr Uuid kRootType = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"_uuid;
inline constexpr Uuid kRootVerityType = "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5"_uuid;

struct Partition {
  Uuid type, uuid;
  std::string name;         // ASCII; cut to 36 characters
  bool read_only = false;   // attribute bit 60 of the Discoverable Partitions Specification
  std::uint64_t start = 0;  // bytes, a multiple of 512
  std::uint64_t size = 0;   // bytes, a multiple of 512
};

// GPT (UEFI 2.10, chapter 5) with 512-byte sectors and 128 entries: the protective MBR, header and entries for the
// first bytes of the disk, entries and header for its last.
struct Gpt {
  Bytes head;  // to be written at 0
  Bytes tail;  // to be written at disk size − tail.size()
};
[[nodiscard]] Gpt make_gpt(const std::vector<Partition>& partitions, const Uuid& disk, std::uint64_t disk_size);

// The partitions of a disk, by its first table or, where that is damaged, by its second; what is damaged is as strict
// as in reburst-init. kIntegrity when neither is whole, a partition lies outside the usable sectors, or two share one.
[[nodiscard]] Result<std::vector<Partition>> read_gpt(int fd, std::uint64_t disk_size);

// The smallest disk, in whole mebibytes, whose last partition ends at `end`.
[[nodiscard]] std::uint64_t disk_size_for(std::uint64_t end);

}  // namespace reburst::image
