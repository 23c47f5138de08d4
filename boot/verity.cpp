#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kControl = "/dev/mapper/control";
constexpr const char* kName = "root";
constexpr std::string_view kAdvice = "the kernel's log above says why; is dm-verity among the modules?";

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

Text<2048> table(const BootConf& conf, const Partitions& partitions, bool panic_on_error) {
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
  out.add_hex(conf.salt_bytes());
  return out.add(panic_on_error ? " 2 panic_on_corruption panic_on_error" : " 1 panic_on_corruption");
}

// From Linux 6.12 on. Asked for beforehand, as an older kernel complains on every console of an option that it does not
// know.
bool may_panic_on_error() {
  utsname system{};
  if (::uname(&system) != 0) return false;
  char* end = nullptr;
  const unsigned long major = std::strtoul(system.release, &end, 10);
  const unsigned long minor = *end == '.' ? std::strtoul(end + 1, nullptr, 10) : 0;
  return major > 6 || (major == 6 && minor >= 12);
}

Result<> call(int control, unsigned long command, std::string_view what, Request& request) {
  if (::ioctl(control, command, &request) == 0) return {};
  return fail_system(what, "dm-verity root", errno, kAdvice);
}

// An errno.
int load_table(int control, const BootConf& conf, const Partitions& partitions, bool panic_on_error, Request& request) {
  begin(request, conf);
  std::memset(request.header.uuid, 0, sizeof request.header.uuid);  // from here the name alone identifies it
  request.header.flags = DM_READONLY_FLAG;
  request.header.target_count = 1;
  request.target.length = conf.data_blocks * (kBlockSize / 512);
  std::memcpy(request.target.target_type, "verity", 6);
  const Text<2048> parameters = table(conf, partitions, panic_on_error);
  std::memcpy(request.parameters.data(), parameters.c_str(), parameters.view().size());
  return ::ioctl(control, DM_TABLE_LOAD, &request) == 0 ? 0 : errno;
}

}  // namespace

Result<bool> map_root(const BootConf& conf, const Partitions& partitions) {
  const Fd control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control.valid()) return fail_system("opening", kControl, errno, "the initrd lacks the module dm-mod");
  static Request request;
  begin(request, conf);
  request.header.flags = DM_READONLY_FLAG;
  REBURST_BOOT_TRY(call(control.get(), DM_DEV_CREATE, "creating the device", request));
  const std::uint64_t device = request.header.dev;

  bool panic_on_error = may_panic_on_error();
  int error = load_table(control.get(), conf, partitions, panic_on_error, request);
  if (error == EINVAL && panic_on_error) {  // a kernel from 6.12 on without it: the scan alone notices such blocks
    panic_on_error = false;
    error = load_table(control.get(), conf, partitions, panic_on_error, request);
  }
  if (error != 0) return fail_system("loading the table of", "dm-verity root", error, kAdvice);

  begin(request, conf);
  std::memset(request.header.uuid, 0, sizeof request.header.uuid);
  request.header.flags = DM_READONLY_FLAG;  // without DM_SUSPEND_FLAG: resume
  REBURST_BOOT_TRY(call(control.get(), DM_DEV_SUSPEND, "activating", request));

  Path node("../dm-");
  node.add_number(minor(device));
  if (::symlink(node.c_str(), kRootDevice) != 0 && errno != EEXIST) return fail_system("linking", kRootDevice, errno);
  return panic_on_error;
}

}  // namespace reburst::boot
