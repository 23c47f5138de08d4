#include "attack/disk_copy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "builder/image/fat.hpp"
#include "core/file.hpp"

namespace reburst::attack {

namespace {

using image::operator""_uuid;

constexpr image::Uuid kLinuxType = "0fc63daf-8483-4772-8e79-3d69d8477de4"_uuid;
constexpr std::uint64_t kNamedDisk = 4U << 20U;
constexpr std::string_view kCopy = "the copy of the disk";

image::Uuid disk_uuid(const Subject& subject) {
  return image::derived_uuid("reburst disk", subject.manifest.root_hash.hex());
}

}  // namespace

Result<DiskCopy> DiskCopy::make(const Bench& bench, trial::BareMachine& machine) {
  const auto path = bench.folder / "disk.raw";
  REBURST_TRY(clone_file(bench.subject.release.disk, path));
  Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.valid()) return fail(system_error("cannot open \"" + path.string() + "\"", errno));
  machine.disks.front().file = path;
  return DiskCopy(bench.subject, std::move(fd));
}

Result<> DiskCopy::put(std::uint64_t offset, std::span<const std::byte> bytes) const {
  return write_at(fd_.get(), offset, bytes, kCopy);
}

Result<> DiskCopy::invert(std::uint64_t offset, std::uint64_t count) const {
  std::vector<std::byte> bytes(count);
  REBURST_TRY(read_at(fd_.get(), offset, bytes, kCopy));
  for (auto& each : bytes) each = ~each;
  return put(offset, bytes);
}

Result<> DiskCopy::resize(std::uint64_t bytes) const {
  if (::ftruncate(fd_.get(), static_cast<off_t>(bytes)) == 0) return {};
  return fail(system_error("cannot size " + std::string(kCopy), errno));
}

Result<> DiskCopy::put_table(const std::vector<image::Partition>& partitions) const {
  const auto size = subject_->expected.layout.size;
  const auto gpt = image::make_gpt(partitions, disk_uuid(*subject_), size);
  REBURST_TRY(put(0, gpt.head));
  return put(size - gpt.tail.size(), gpt.tail);
}

Result<> DiskCopy::put_program(std::string_view program) const {
  const auto& layout = subject_->expected.layout;
  if (REBURST_TRY(image::esp_size(program.size())) > layout.esp.size)
    return fail(ErrorCode::kMissing, "the ESP has no room for the changed boot program");
  if (::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(layout.esp.start),
                  static_cast<off_t>(layout.esp.size)) != 0) {
    return fail(system_error("cannot empty the ESP in " + std::string(kCopy), errno));
  }
  return image::write_esp(fd_.get(), layout.esp.start, std::as_bytes(std::span(program)),
                          {.volume_id = layout.esp_volume, .epoch = subject_->expected.epoch});
}

std::vector<image::Partition> partitions_of(const Subject& subject) {
  const auto& layout = subject.expected.layout;
  return {layout.root, layout.verity, layout.esp};
}

Result<> write_named_disk(const std::filesystem::path& path, std::string_view name) {
  const image::Partition only{.type = kLinuxType,
                              .uuid = image::derived_uuid("reburst attack partition", path.string()),
                              .name = std::string(name),
                              .read_only = false,
                              .start = image::kMebibyte,
                              .size = image::kMebibyte};
  const auto gpt = image::make_gpt({only}, image::derived_uuid("reburst attack disk", path.string()), kNamedDisk);
  Fd fd = REBURST_TRY(open_write(path));
  REBURST_TRY(write_at(fd.get(), 0, gpt.head, path.string()));
  REBURST_TRY(write_at(fd.get(), kNamedDisk - gpt.tail.size(), gpt.tail, path.string()));
  return close_checked(std::move(fd), path.string());
}

}  // namespace reburst::attack
