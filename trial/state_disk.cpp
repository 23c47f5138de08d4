#include "trial/state_disk.hpp"

#include <unistd.h>

#include <cerrno>

#include "builder/image/gpt.hpp"
#include "core/file.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace reburst::trial {

namespace {

using image::operator""_uuid;

constexpr image::Uuid kLinuxType = "0fc63daf-8483-4772-8e79-3d69d8477de4"_uuid;
constexpr std::uint64_t kVolumeBytes = 256U << 20U;

Result<> make_file_system(const std::filesystem::path& disk, const image::Partition& partition) {
  const auto program = find_program("mkfs.ext4");
  if (!program) {
    return fail(ErrorCode::kEnvironment, "cannot make a state volume: \"mkfs.ext4\" is not installed",
                "install the package e2fsprogs");
  }
  Command command;
  // -F: a part of a file is no block device.
  command.argv = {program->string(),
                  "-q",
                  "-F",
                  "-E",
                  "offset=" + std::to_string(partition.start),
                  disk.string(),
                  std::to_string(partition.size / 1024) + "k"};
  command.merge_output = true;
  const Exit exit = REBURST_TRY(::reburst::run(command));
  if (exit.status == 0) return {};
  return fail(ErrorCode::kEnvironment, "cannot make the state volume \"" + partition.name + "\": mkfs.ext4 says:\n" +
                                           indent(tail_lines(trim(exit.out), 10), "  | "));
}

}  // namespace

Result<> write_state_disk(const std::vector<recipe::StateVolume>& state, const std::filesystem::path& path) {
  std::vector<image::Partition> partitions;
  std::uint64_t end = image::kMebibyte;
  for (const recipe::StateVolume& volume : state) {
    partitions.push_back({.type = kLinuxType,
                          .uuid = image::derived_uuid("reburst trial volume", volume.volume),
                          .name = volume.volume,
                          .read_only = false,
                          .start = end,
                          .size = kVolumeBytes});
    end += kVolumeBytes;
  }
  const std::uint64_t size = image::disk_size_for(end);
  const image::Gpt gpt = image::make_gpt(partitions, image::derived_uuid("reburst trial disk", ""), size);
  Fd disk = REBURST_TRY(open_write(path));
  if (::ftruncate(disk.get(), static_cast<off_t>(size)) != 0) {
    return fail(system_error("cannot size \"" + path.string() + "\"", errno));
  }
  REBURST_TRY(write_at(disk.get(), 0, gpt.head, path.string()));
  REBURST_TRY(write_at(disk.get(), size - gpt.tail.size(), gpt.tail, path.string()));
  REBURST_TRY(close_checked(std::move(disk), path.string()));
  for (const image::Partition& partition : partitions) REBURST_TRY(make_file_system(path, partition));
  return {};
}

}  // namespace reburst::trial
