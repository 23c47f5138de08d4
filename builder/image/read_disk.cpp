#include "builder/image/read_disk.hpp"

#include <unistd.h>

#include <cerrno>

#include "builder/image/gpt.hpp"
#include "builder/image/layout.hpp"
#include "builder/image/verity.hpp"
#include "core/file.hpp"

namespace reburst::image {

namespace {

Result<Partition> only_one(const std::vector<Partition>& partitions, const Uuid& type, const char* what) {
  const auto is = [&](const Partition& one) { return one.type == type; };
  const auto count = std::count_if(partitions.begin(), partitions.end(), is);
  if (count == 1) return *std::find_if(partitions.begin(), partitions.end(), is);
  return fail(ErrorCode::kIntegrity,
              std::string("the disk has ") + std::to_string(count) + " " + what + " partitions instead of one");
}

Result<Digest> root_hash_of(int fd, std::uint64_t size, std::size_t jobs) {
  const auto partitions = REBURST_TRY(read_gpt(fd, size));
  const auto data = REBURST_TRY(only_one(partitions, kRootType, "root"));
  const auto tree = REBURST_TRY(only_one(partitions, kRootVerityType, "verity"));
  const auto verity = REBURST_TRY(check_verity(fd, data.start, data.size, tree.start, tree.size, jobs));
  if (data.uuid != data_partition_uuid(verity.root_hash) || tree.uuid != hash_partition_uuid(verity.root_hash))
    return fail(ErrorCode::kIntegrity, "the partitions' UUIDs are not those of the root hash");
  return verity.root_hash;
}

}  // namespace

Result<std::uint64_t> disk_size(int fd, const fs::path& disk) {
  const auto end = ::lseek(fd, 0, SEEK_END);  // of a block device too
  if (end < 0) return fail(system_error("cannot tell the size of \"" + disk.string() + "\"", errno));
  return static_cast<std::uint64_t>(end);
}

Result<Digest> disk_root_hash(const fs::path& disk, std::size_t jobs) {
  const Fd fd = REBURST_TRY(open_read(disk));
  return with_context(root_hash_of(fd.get(), REBURST_TRY(disk_size(fd.get(), disk)), jobs),
                      "checking the disk \"" + disk.string() + "\"");
}

std::string disk_name(const fs::path& disk) {
  const auto fd = open_read(disk);
  if (!fd) return {};
  const auto size = disk_size(fd->get(), disk);
  if (!size) return {};
  const auto partitions = read_gpt(fd->get(), *size);
  if (!partitions) return {};
  const auto root = only_one(*partitions, kRootType, "root");
  return root ? root->name : std::string();
}

}  // namespace reburst::image
