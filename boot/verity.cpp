#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kControl = "/dev/mapper/control";
constexpr const char* kName = "root";

// The argument of a device-mapper ioctl: header, then one target and its parameters.
struct Request {
  dm_ioctl header;
  dm_target_spec target;
  std::array<char, 2048> parameters;
};

void begin(Request& request, const BootConf& conf) {
  std::memset(&request, 0, sizeof request);
  dm_ioctl& header = request.header;
  header.version[0] = 4;  // any kernel of version 4 of this interface
  header.data_size = sizeof request;
  header.data_start = offsetof(Request, target);
  std::memcpy(header.name, kName, std::strlen(kName));
  // The form that veritysetup gives, so that its `status` understands the device.
  Text<sizeof header.uuid> uuid("CRYPT-VERITY-");
  uuid.add_hex(std::span(conf.root_hash).first(16)).add('-').add(kName);
  std::memcpy(header.uuid, uuid.view().data(), uuid.view().size());
}

Text<2048> table(const BootConf& conf, const Partitions& partitions) {
  Text<2048> out("1 ");  // version of the on-disk format
  out.add(partitions.data.device).add(' ').add(partitions.hash.device).add(' ');
  out.add_number(kBlockSize).add(' ').add_number(kBlockSize).add(' ');
  out.add_number(conf.data_blocks)
      .add(' ')
      .add_number(conf.hash_start)
      .add(" sha256 ")
      .add_hex(conf.root_hash)
      .add(' ');
  if (conf.salt_size == 0) out.add('-');
  return out.add_hex(conf.salt_bytes()).add(" 1 panic_on_corruption");
}

Result<> call(int control, unsigned long command, std::string_view what, Request& request) {
  if (::ioctl(control, command, &request) == 0) return {};
  return fail_system(what, "dm-verity root", errno, "the kernel's log above says why; is dm-verity among the modules?");
}

}  // namespace

Result<> map_root(const BootConf& conf, const Partitions& partitions) {
  const Fd control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control.valid()) return fail_system("opening", kControl, errno, "the initrd lacks the module dm-mod");
  static Request request;
  begin(request, conf);
  request.header.flags = DM_READONLY_FLAG;
  REBURST_BOOT_TRY(call(control.get(), DM_DEV_CREATE, "creating the device", request));
  const std::uint64_t device = request.header.dev;

  begin(request, conf);
  std::memset(request.header.uuid, 0, sizeof request.header.uuid);  // from here the name alone identifies it
  request.header.flags = DM_READONLY_FLAG;
  request.header.target_count = 1;
  request.target.length = conf.data_blocks * (kBlockSize / 512);
  std::memcpy(request.target.target_type, "verity", 6);
  const Text<2048> parameters = table(conf, partitions);
  std::memcpy(request.parameters.data(), parameters.c_str(), parameters.view().size());
  REBURST_BOOT_TRY(call(control.get(), DM_TABLE_LOAD, "loading the table of", request));

  begin(request, conf);
  std::memset(request.header.uuid, 0, sizeof request.header.uuid);
  request.header.flags = DM_READONLY_FLAG;  // without DM_SUSPEND_FLAG: resume
  REBURST_BOOT_TRY(call(control.get(), DM_DEV_SUSPEND, "activating", request));

  Path node("../dm-");
  node.add_number(minor(device));
  if (::symlink(node.c_str(), kRootDevice) != 0 && errno != EEXIST) return fail_system("linking", kRootDevice, errno);
  return {};
}

}  // namespace reburst::boot
