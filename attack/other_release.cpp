#include "attack/other_release.hpp"

#include "attack/initrd.hpp"
#include "attack/program.hpp"
#include "signing/authenticode/authenticode.hpp"

namespace reburst::attack {

namespace {

constexpr Epoch kMonth = 30 * 86400;

std::string older_version(const Subject& subject) {
  return version_time(subject.expected.epoch - kMonth);
}

Result<std::string> older_conf(const Subject& subject, const image::Verity& verity) {
  const auto data = image::data_partition_uuid(verity.root_hash).text();
  const auto hashes = image::hash_partition_uuid(verity.root_hash).text();
  auto conf = REBURST_TRY(with_line(subject.conf, "version", "version " + older_version(subject)));
  conf = REBURST_TRY(with_line(conf, "root_hash", "root_hash " + verity.root_hash.hex()));
  conf = REBURST_TRY(with_line(conf, "data_partuuid", "data_partuuid " + data));
  return with_line(conf, "hash_partuuid", "hash_partuuid " + hashes);
}

}  // namespace

Result<> put_other_root(const Subject& subject, const DiskCopy& disk) {
  const auto& layout = subject.expected.layout;
  // The last block of the root: what is there is hardly ever of use to a file system that is only mounted.
  return disk.invert(layout.root.start + layout.root.size - 96);
}

Result<image::Verity> put_other_root_and_tree(const Subject& subject, const DiskCopy& disk) {
  REBURST_TRY(put_other_root(subject, disk));
  const auto& layout = subject.expected.layout;
  return image::write_verity(disk.fd(), layout.root.start, subject.expected.verity.data_blocks, disk.fd(),
                             layout.verity.start, 1);
}

Result<image::Verity> put_other_partitions(const Subject& subject, const DiskCopy& disk) {
  const auto verity = REBURST_TRY(put_other_root_and_tree(subject, disk));
  const auto other = REBURST_TRY(
      image::disk_layout(subject.manifest.role, older_version(subject), verity, subject.expected.program.size()));
  REBURST_TRY(disk.put_table({other.root, other.verity, other.esp}));
  return verity;
}

Result<std::string> put_older_release(const Bench& bench, const DiskCopy& disk) {
  const auto verity = REBURST_TRY(put_other_partitions(bench.subject, disk));
  const auto conf = REBURST_TRY(older_conf(bench.subject, verity));
  auto program = bench.subject.expected.program;
  REBURST_TRY(replace_member(program, "boot.conf", conf));
  program = REBURST_TRY(signed_by(REBURST_TRY(without_signature(std::move(program))), *bench.means.key));
  REBURST_TRY(disk.put_program(program));
  return program;
}

}  // namespace reburst::attack
