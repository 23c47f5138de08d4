// How the cases are made that need no firmware.
#include "attack/disk_copy.hpp"
#include "attack/initrd.hpp"
#include "attack/markers.hpp"
#include "attack/other_release.hpp"
#include "core/file.hpp"

namespace reburst::attack::make {

namespace {

constexpr std::uint64_t kBlock = image::kBlock;
constexpr std::uint64_t kGptHeader = 512, kGptField = 24;  // a byte of the header that its checksum covers

const image::DiskLayout& layout_of(const Bench& bench) {
  return bench.subject.expected.layout;
}
const image::Verity& verity_of(const Bench& bench) {
  return bench.subject.expected.verity;
}
std::uint64_t middle_of_root(const Bench& bench) {
  return layout_of(bench).root.start + verity_of(bench).data_blocks / 2 * kBlock;
}
std::uint64_t last_block_of_tree(const Bench& bench) {
  return layout_of(bench).verity.start + (verity_of(bench).hash_blocks - 1) * kBlock;
}
std::uint64_t backup_header(const Bench& bench) {
  return layout_of(bench).size - 512;
}

Result<> inverted(const Bench& bench, trial::BareMachine& machine, std::uint64_t offset, std::uint64_t count = 1) {
  return REBURST_TRY(DiskCopy::make(bench, machine)).invert(offset, count);
}

Result<> resized(const Bench& bench, trial::BareMachine& machine, std::size_t partition, std::int64_t by) {
  auto partitions = partitions_of(bench.subject);
  auto& one = partitions[partition];
  one.size += static_cast<std::uint64_t>(by);
  if (partition + 1 < partitions.size() && one.start + one.size > partitions[partition + 1].start)
    return fail(ErrorCode::kMissing, "no room is left behind the partition");
  return REBURST_TRY(DiskCopy::make(bench, machine)).put_table(partitions);
}

Result<> with_conf_line(const Bench& bench, trial::BareMachine& machine, std::string_view key, std::string_view line) {
  return put_conf(bench, machine, REBURST_TRY(with_line(direct_conf(bench.subject), key, line)));
}

Result<> without_scan(const Bench& bench, trial::BareMachine& machine) {
  const auto conf = direct_conf(bench.subject);
  return put_conf(bench, machine, with_line(conf, "scan", "scan off").value_or(conf));
}

// A state volume of that name, as the release might have one.
Result<> with_state(const Bench& bench, trial::BareMachine& machine, const std::string& volume) {
  const std::string failure = "on_failure " + std::string(bench.subject.told("on_failure"));
  return with_conf_line(bench, machine, "on_failure", "state " + volume + " /srv\n" + failure);
}

}  // namespace

Result<> nothing(const Bench& /*bench*/, trial::BareMachine& /*machine*/) {
  return {};
}

Result<> data_block(const Bench& bench, trial::BareMachine& machine) {
  return inverted(bench, machine, middle_of_root(bench) + 77);
}
Result<> super_block(const Bench& bench, trial::BareMachine& machine) {
  return inverted(bench, machine, layout_of(bench).root.start + 1100);
}
Result<> hash_leaf(const Bench& bench, trial::BareMachine& machine) {
  return inverted(bench, machine, last_block_of_tree(bench));
}
Result<> hash_root(const Bench& bench, trial::BareMachine& machine) {
  return inverted(bench, machine, layout_of(bench).verity.start + verity_of(bench).hash_start * kBlock);
}
Result<> verity_super_block(const Bench& bench, trial::BareMachine& machine) {
  return inverted(bench, machine, layout_of(bench).verity.start, kBlock);
}

Result<> other_root(const Bench& bench, trial::BareMachine& machine) {
  return put_other_root(bench.subject, REBURST_TRY(DiskCopy::make(bench, machine)));
}
Result<> other_root_and_tree(const Bench& bench, trial::BareMachine& machine) {
  (void)REBURST_TRY(put_other_root_and_tree(bench.subject, REBURST_TRY(DiskCopy::make(bench, machine))));
  return {};
}
Result<> other_disk(const Bench& bench, trial::BareMachine& machine) {
  (void)REBURST_TRY(put_other_partitions(bench.subject, REBURST_TRY(DiskCopy::make(bench, machine))));
  return {};
}

Result<> last_data_block(const Bench& bench, trial::BareMachine& machine) {
  const auto& root = layout_of(bench).root;
  return inverted(bench, machine, root.start + root.size - 96);
}
// Of a release that scans, the same that does not.
Result<> last_data_block_no_scan(const Bench& bench, trial::BareMachine& machine) {
  REBURST_TRY(last_data_block(bench, machine));
  return without_scan(bench, machine);
}
Result<> hash_root_no_scan(const Bench& bench, trial::BareMachine& machine) {
  REBURST_TRY(hash_root(bench, machine));
  return without_scan(bench, machine);
}

Result<> read_error(const Bench& bench, trial::BareMachine& machine) {
  machine.disks.front().unreadable_byte = middle_of_root(bench);
  return {};
}
Result<> read_error_of_tree(const Bench& bench, trial::BareMachine& machine) {
  machine.disks.front().unreadable_byte = last_block_of_tree(bench);
  return {};
}

Result<> truncated(const Bench& bench, trial::BareMachine& machine) {
  return REBURST_TRY(DiskCopy::make(bench, machine)).resize(layout_of(bench).size - image::kMebibyte);
}
Result<> no_disk(const Bench& /*bench*/, trial::BareMachine& machine) {
  machine.disks.clear();
  return {};
}
Result<> second_disk(const Bench& /*bench*/, trial::BareMachine& machine) {
  machine.disks.push_back(machine.disks.front());
  return {};
}

Result<> duplicate_label(const Bench& bench, trial::BareMachine& machine) {
  for (const char* each : {"one.raw", "two.raw"}) {
    REBURST_TRY(write_named_disk(bench.folder / each, kVolume));
    machine.disks.push_back({bench.folder / each});
  }
  return with_state(bench, machine, std::string(kVolume));
}
Result<> missing_label(const Bench& bench, trial::BareMachine& machine) {
  return with_state(bench, machine, std::string(kVolume));
}
Result<> duplicate_partuuid(const Bench& bench, trial::BareMachine& machine) {
  auto partitions = partitions_of(bench.subject);
  partitions.back().uuid = partitions.front().uuid;
  return REBURST_TRY(DiskCopy::make(bench, machine)).put_table(partitions);
}

Result<> primary_gpt(const Bench& bench, trial::BareMachine& machine) {
  return inverted(bench, machine, kGptHeader + kGptField);
}
Result<> backup_gpt(const Bench& bench, trial::BareMachine& machine) {
  return inverted(bench, machine, backup_header(bench) + kGptField);
}
Result<> both_gpts(const Bench& bench, trial::BareMachine& machine) {
  const auto disk = REBURST_TRY(DiskCopy::make(bench, machine));
  REBURST_TRY(disk.invert(kGptHeader + kGptField));
  return disk.invert(backup_header(bench) + kGptField);
}

Result<> slack_root(const Bench& bench, trial::BareMachine& machine) {
  return resized(bench, machine, 0, static_cast<std::int64_t>(kBlock));
}
Result<> short_root(const Bench& bench, trial::BareMachine& machine) {
  return resized(bench, machine, 0, -static_cast<std::int64_t>(kBlock));
}
Result<> slack_verity(const Bench& bench, trial::BareMachine& machine) {
  return resized(bench, machine, 1, static_cast<std::int64_t>(kBlock));
}

Result<> other_root_hash(const Bench& bench, trial::BareMachine& machine) {
  auto hash = bench.subject.manifest.root_hash;
  hash.bytes.front() ^= 1U;
  return with_conf_line(bench, machine, "root_hash", "root_hash " + hash.hex());
}
Result<> unknown_key(const Bench& bench, trial::BareMachine& machine) {
  return with_conf_line(bench, machine, "salt", "color red\nsalt " + std::string(bench.subject.told("salt")));
}
Result<> old_format(const Bench& bench, trial::BareMachine& machine) {
  return with_conf_line(bench, machine, "reburst-boot", "reburst-boot 1");
}
Result<> secure_boot_required(const Bench& bench, trial::BareMachine& machine) {
  return put_conf(bench, machine,
                  with_line(bench.subject.conf, "secure_boot", "secure_boot required").value_or(bench.subject.conf));
}

Result<> command_line(const Bench& /*bench*/, trial::BareMachine& machine) {
  machine.append += " roothash=" + std::string(64, '0') + " systemd.verity=no root=/dev/vda3 init=/bin/sh";
  return {};
}

Result<> credentials(const Bench& /*bench*/, trial::BareMachine& machine) {
  const auto write = [](std::string_view marker) { return "w /dev/kmsg - - - - " + std::string(marker); };
  machine.smbios_strings.push_back("io.systemd.credential:tmpfiles.extra=" + write(kBySmbios));
  machine.firmware_files.emplace_back("opt/io.systemd.credentials/tmpfiles.extra", write(kByFirmwareFile));
  return {};
}
Result<> credentials_heeded(const Bench& bench, trial::BareMachine& machine) {
  machine.append += " systemd.import_credentials=yes";
  return credentials(bench, machine);
}

Result<> malformed_ticket(const Bench& bench, trial::BareMachine& machine) {
  machine.ticket = bench.folder / "ticket";
  return write_file_atomic(machine.ticket, "reburst-ticket 1\nfor nobody\n");
}
// No key of a registry lasts so long.
Result<> expired_ticket(const Bench& bench, trial::BareMachine& machine) {
  constexpr Epoch kFifteenYears = Epoch{15} * 365 * 86400;
  machine.clock = iso_time(bench.means.now + kFifteenYears).substr(0, 19);
  return {};
}
Result<> clock_set_back(const Bench& /*bench*/, trial::BareMachine& machine) {
  machine.clock = "2001-02-03T04:05:06";
  return {};
}

}  // namespace reburst::attack::make
