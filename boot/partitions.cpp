#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "boot/files.hpp"
#include "boot/gpt.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kBlockDevices = "/sys/class/block";
constexpr std::uint64_t kSysfsSector = 512;  // the unit of sysfs, whatever the disk's own
constexpr std::uint64_t kWaitMicroseconds = 10'000'000;
constexpr std::uint64_t kPatienceMicroseconds = 300'000;  // with the modules that the machine's devices asked for
constexpr long kPauseMilliseconds = 10;

// What a search counts: how many partitions matched, and the first of them.
struct Match {
  Partition found;
  unsigned count = 0;
};

struct Search {
  const BootConf& conf;
  Match data, hash;
  std::array<Match, 16> state;

  [[nodiscard]] bool complete() const {
    bool all = data.count > 0 && hash.count > 0;
    for (std::size_t i = 0; i < conf.state_count; ++i) all = all && state[i].count > 0;
    return all;
  }
};

class Disk final : public SectorReader {
 public:
  explicit Disk(const char* device) : fd_(::open(device, O_RDONLY | O_CLOEXEC)) {
    int sector = 0;
    if (fd_.valid() && ::ioctl(fd_.get(), BLKGETSIZE64, &size) == 0 && ::ioctl(fd_.get(), BLKSSZGET, &sector) == 0) {
      sector_size = static_cast<std::uint32_t>(sector);
    }
  }
  bool read(std::uint64_t offset, std::span<std::uint8_t> bytes) override { return read_at(fd_.get(), offset, bytes); }

  std::uint64_t size = 0;
  std::uint32_t sector_size = 0;  // 0: not readable

 private:
  Fd fd_;
};

Path attribute(std::string_view device, std::string_view name) {
  Path path(kBlockDevices);
  path.add('/').add(device).add('/').add(name);
  return path;
}

// The kernel's name of partition `number` of `disk`: "vda" and 2 make "vda2", "nvme0n1" and 2 "nvme0n1p2".
Path partition_name(std::string_view disk, std::uint32_t number) {
  Path name(disk);
  if (disk.back() >= '0' && disk.back() <= '9') name.add('p');
  return name.add_number(number);
}

void count_match(Match& match, std::string_view disk, const GptEntry& entry, std::uint32_t sector_size) {
  const Path name = partition_name(disk, entry.number);
  const auto start = read_sysfs_number(attribute(name, "start").c_str());
  const auto size = read_sysfs_number(attribute(name, "size").c_str());
  const std::uint64_t scale = sector_size / kSysfsSector;
  // The kernel must see the same partition; it may still be reading the table.
  if (start < 0 || size < 0 || static_cast<std::uint64_t>(start) != entry.first_sector * scale ||
      static_cast<std::uint64_t>(size) != entry.sectors * scale) {
    return;
  }
  if (match.count++ > 0) return;
  match.found.device = Path("/dev/");
  match.found.device.add(name);
  match.found.size = entry.sectors * sector_size;
}

// `look` at each partition: the name of its disk, its entry, and the size of a sector.
template <class Look>
void each_partition(std::string_view name, const Look& look) {
  Path device("/dev/");
  Disk disk(device.add(name).c_str());
  static Gpt gpt;
  if (disk.sector_size == 0 || !read_gpt(disk, disk.size, disk.sector_size, gpt)) return;
  for (const GptEntry& entry : gpt.used()) look(name, entry, disk.sector_size);
}

// Of every disk that is there now.
template <class Look>
void each_partition(const Look& look) {
  DIR* folder = ::opendir(kBlockDevices);
  if (folder == nullptr) return;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name(entry->d_name);
    if (name.starts_with(".") || name.size() > 64) continue;
    if (read_sysfs_number(attribute(name, "partition").c_str()) >= 0) continue;
    if (read_sysfs_number(attribute(name, "size").c_str()) <= 0) continue;
    each_partition(name, look);
  }
  ::closedir(folder);
}

void search_disks(Search& search) {
  search.data = search.hash = {};
  search.state = {};
  each_partition([&](std::string_view disk, const GptEntry& entry, std::uint32_t sector_size) {
    if (entry.partuuid == search.conf.data_partuuid) count_match(search.data, disk, entry, sector_size);
    if (entry.partuuid == search.conf.hash_partuuid) count_match(search.hash, disk, entry, sector_size);
    for (std::size_t i = 0; i < search.conf.state_count; ++i) {
      if (entry.label.view() == search.conf.state[i].volume.view())
        count_match(search.state[i], disk, entry, sector_size);
    }
  });
}

Result<Partition> exactly_one(const Match& match, std::string_view what, std::string_view identity,
                              std::string_view advice) {
  if (match.count == 1) return match.found;
  Failure failure;
  failure.what.add("looking for ").add(what);
  failure.expected.add("exactly one partition with ").add(identity);
  failure.found.add_number(match.count);
  if (match.count > 0) failure.found.add(", one of them ").add(match.found.device);
  failure.advice.add(match.count > 0 ? "detach the disk that is not this machine's" : advice);
  return fail(failure);
}

Result<Partition> check_size(const Partition& found, std::uint64_t blocks) {
  if (found.size == blocks * kBlockSize) return found;
  Failure failure;
  failure.what.add("checking the size of ").add(found.device);
  failure.expected.add_number(blocks * kBlockSize).add(" bytes");
  failure.found.add_number(found.size).add(" bytes");
  failure.advice.add("write the release's disk image again");
  return fail(failure);
}

Result<Partition> by_partuuid(const Match& match, std::string_view what, const Uuid& uuid, std::uint64_t blocks) {
  Text<64> identity("PARTUUID ");
  identity.add(uuid.text());
  const Partition found = REBURST_BOOT_TRY(exactly_one(
      match, what, identity,
      "attach the release's disk; if it is attached, it is cut short or of another release: write it again"));
  return check_size(found, blocks);
}

}  // namespace

Result<Partitions> find_partitions(const BootConf& conf) {
  static Search search{conf, {}, {}, {}};
  const std::uint64_t started = now_microseconds();
  bool patient = true;
  for (;;) {
    search_disks(search);
    const std::uint64_t waited = now_microseconds() - started;
    if (search.complete() || waited > kWaitMicroseconds) break;
    if (patient && waited > kPatienceMicroseconds) {
      load_remaining_modules();
      patient = false;
    }
    pause_milliseconds(kPauseMilliseconds);
  }
  Partitions out;
  out.data = REBURST_BOOT_TRY(by_partuuid(search.data, "the root partition", conf.data_partuuid, conf.data_blocks));
  out.hash = REBURST_BOOT_TRY(by_partuuid(search.hash, "the verity partition", conf.hash_partuuid, conf.hash_blocks));
  for (std::size_t i = 0; i < conf.state_count; ++i) {
    Text<64> identity("PARTLABEL ");
    identity.add(conf.state[i].volume);
    out.state[i] =
        REBURST_BOOT_TRY(exactly_one(search.state[i], "a state volume", identity,
                                     "attach a disk with a partition of that name holding an ext4 file system"));
  }
  return out;
}

unsigned find_labelled(std::string_view label, Partition& found) {
  Match match;
  each_partition([&](std::string_view disk, const GptEntry& entry, std::uint32_t sector_size) {
    if (entry.label.view() == label) count_match(match, disk, entry, sector_size);
  });
  found = match.found;
  return match.count;
}

}  // namespace reburst::boot
