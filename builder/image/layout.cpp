#include "builder/image/layout.hpp"

#include "builder/image/fat.hpp"

namespace reburst::image {

namespace {

// "<role>_<version>", as systemd-sysupdate's patterns match it; a long role is cut, the version never.
std::string partition_name(std::string_view role, std::string_view version) {
  constexpr std::size_t kMost = 36;
  const std::string tail = "_" + std::string(version);
  return std::string(role.substr(0, tail.size() < kMost ? kMost - tail.size() : 0)) + tail;
}

}  // namespace

Uuid data_partition_uuid(const Digest& root_hash) {
  return uuid_from(std::as_bytes(std::span(root_hash.bytes)).first<16>());
}

Uuid hash_partition_uuid(const Digest& root_hash) {
  return uuid_from(std::as_bytes(std::span(root_hash.bytes)).last<16>());
}

std::uint64_t hash_start(std::uint64_t data_blocks) {
  return round_up(kRootStart + data_blocks * kBlock, kMebibyte);
}

Result<DiskLayout> disk_layout(std::string_view role, std::string_view version, const Verity& verity,
                               std::uint64_t program_bytes) {
  const std::string hash = verity.root_hash.hex();
  const std::string name = partition_name(role, version);
  const std::uint64_t tree = hash_start(verity.data_blocks);
  const std::uint64_t esp = round_up(tree + verity.hash_blocks * kBlock, kMebibyte);
  DiskLayout out;
  out.root = {kRootType, data_partition_uuid(verity.root_hash), name, true, kRootStart, verity.data_blocks * kBlock};
  out.verity = {kRootVerityType, hash_partition_uuid(verity.root_hash), name, true, tree, verity.hash_blocks * kBlock};
  out.esp = {kEspType, derived_uuid("reburst esp", hash), "esp", false, esp, REBURST_TRY(esp_size(program_bytes))};
  out.esp_volume = get<std::uint32_t>(derived_uuid("reburst esp volume", hash).bytes, 0);
  out.size = disk_size_for(esp + out.esp.size);
  out.table = make_gpt({out.root, out.verity, out.esp}, derived_uuid("reburst disk", hash), out.size);
  return out;
}

}  // namespace reburst::image
