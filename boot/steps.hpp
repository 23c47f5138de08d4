#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "boot/boot_conf.hpp"
#include "boot/registers.hpp"
#include "boot/result.hpp"
#include "boot/scan.hpp"
#include "boot/secure_boot.hpp"
#include "boot/ticket.hpp"

// The road of a boot. Each step is one function in the file of its name; init.cpp calls them in this order.
namespace reburst::boot {

// mounts.cpp: /dev, /proc, /sys and /run.
[[nodiscard]] Result<> mount_kernel_file_systems();

// modules.cpp: loads the files of /modules in the order of their names, but those for devices that the machine does not
// show. A module that the machine has no use for is no failure, and one that fails to load is only said: a later step
// that needed it will stop.
[[nodiscard]] Result<> load_modules();
// Loads what load_modules() left out: a device may show late, or by a name that no pattern knows.
void load_remaining_modules();

// partitions.cpp
struct Partition {
  Path device;  // /dev/vda2
  std::uint64_t size = 0;
};
struct Partitions {
  Partition data, hash;
  std::array<Partition, 16> state;  // in the order of BootConf::state
};
// Waits up to ten seconds for exactly one partition of each kind, loading the remaining modules meanwhile. Two that
// match, or one of another size, is a failure.
[[nodiscard]] Result<Partitions> find_partitions(const BootConf& conf);
// How many partitions have this GPT label now, and one of them.
[[nodiscard]] unsigned find_labelled(std::string_view label, Partition& found);

// require_ticket.cpp: checks the release ticket that the machine was handed, with the root in the initrd. None, where
// the release requires one, is a failure; a ticket that is there must be good. Tells whether there was one.
[[nodiscard]] Result<bool> require_ticket(const BootConf& conf, TicketAnswer& answer);

// verity.cpp: maps the data partition through dm-verity, read-only, as /dev/mapper/root. A block that is not as the
// root hash says cannot be read.
[[nodiscard]] Result<> map_root(const BootConf& conf, const Partitions& partitions);
// Whether a block was read that is not as the root hash says.
[[nodiscard]] bool root_was_corrupt();
// From here such a block panics the kernel: nobody is left who could show it in a frame. Tells whether one that cannot
// be read does so too, which kernels know from 6.12 on.
[[nodiscard]] Result<bool> panic_from_now_on(const BootConf& conf, const Partitions& partitions);

inline constexpr const char* kRootDevice = "/dev/mapper/root";
inline constexpr const char* kNewRoot = "/sysroot";

// root.cpp: mounts the mapped device at kNewRoot, then its /var and /tmp (volatile) and the state volumes.
[[nodiscard]] Result<> mount_root();
[[nodiscard]] Result<> mount_volatile();
// A volume that holds nothing yet takes owner and mode of its mount point.
[[nodiscard]] Result<> mount_state(const BootConf& conf, const Partitions& partitions);

// What happened when, for /run/reburst/boot.json.
struct Step {
  std::string_view name;
  std::uint64_t microseconds;  // since the kernel started, at the end of the step
};
class Timeline {
 public:
  void mark(std::string_view name);
  [[nodiscard]] std::span<const Step> steps() const { return std::span(steps_).first(count_); }

 private:
  std::array<Step, 16> steps_{};
  std::size_t count_ = 0;
};

// What a boot found out, for the same file.
struct Facts {
  SecureBoot secure_boot = SecureBoot::kUnknown;
  bool panic_on_error = false;
  Scan scan;  // without bytes: the release turned it off
  bool has_ticket = false;
  TicketAnswer ticket;
  Registers registers;
  Timeline timeline;
};

// record.cpp: the text of /run/reburst/boot.json (docs/formats/boot-report.md), and the file.
[[nodiscard]] Text<4096> report(const BootConf& conf, const Facts& facts);
[[nodiscard]] Result<> write_record(const BootConf& conf, const Facts& facts);

// door_closed.cpp in reburst-init, door_open.cpp in reburst-init-test: the only difference between the two programs.
[[nodiscard]] Result<> prepare_door();
// The test program is in nothing that anybody signed: what only a signed boot program can have, it does not ask for.
[[nodiscard]] bool is_for_tests();

// handover.cpp: moves the kernel's file systems, frees the initramfs, makes kNewRoot the root and starts systemd.
// Returns only with a failure.
[[nodiscard]] Failure hand_over();

}  // namespace reburst::boot
