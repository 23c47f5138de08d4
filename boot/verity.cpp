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

void begin(Request& request) {
  std::memset(&request, 0, sizeof request);
  dm_ioctl& header = request.header;
  header.version[0] = 4;  // any kernel of version 4 of this interface
  header.data_size = sizeof request;
  header.data_start = offsetof(Request, target);
  header.flags = DM_READONLY_FLAG;
  std::memcpy(header.name, kName, std::strlen(kName));
}

// The form that veritysetup gives, so that its `status` understands the device. Only its creation names it.
void add_uuid(Request& request, const BootConf& conf) {
  Text<sizeof request.header.uuid> uuid("CRYPT-VERITY-");
  uuid.add_hex(std::span(conf.root_hash).first(16)).add('-').add(kName);
  std::memcpy(request.header.uuid, uuid.view().data(), uuid.view().size());
}

enum class Options { kNone, kPanicOnCorruption, kPanicOnCorruptionAndError };

std::string_view words(Options options) {
  switch (options) {
    case Options::kNone: return "";
    case Options::kPanicOnCorruption: return " 1 panic_on_corruption";
    case Options::kPanicOnCorruptionAndError: return " 2 panic_on_corruption panic_on_error";
  }
  return "";
}

Text<2048> table(const BootConf& conf, const Partitions& partitions, Options options) {
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
  return out.add(words(options));
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

Result<Fd> open_control() {
  Fd control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control.valid()) return fail_system("opening", kControl, errno, "the initrd lacks the module dm-mod");
  return control;
}

Result<> call(int control, unsigned long command, std::string_view what, Request& request) {
  if (::ioctl(control, command, &request) == 0) return {};
  return fail_system(what, "dm-verity root", errno, kAdvice);
}

// An errno.
int load_table(int control, const BootConf& conf, const Partitions& partitions, Options options, Request& request) {
  begin(request);
  request.header.target_count = 1;
  request.target.length = conf.data_blocks * (kBlockSize / 512);
  std::memcpy(request.target.target_type, "verity", 6);
  const Text<2048> parameters = table(conf, partitions, options);
  std::memcpy(request.parameters.data(), parameters.c_str(), parameters.view().size());
  return ::ioctl(control, DM_TABLE_LOAD, &request) == 0 ? 0 : errno;
}

// Takes the table that was loaded last; the one before, if there was one, goes.
Result<> activate(int control, Request& request) {
  begin(request);  // without DM_SUSPEND_FLAG: resume
  return call(control, DM_DEV_SUSPEND, "activating", request);
}

// Outside any stack, which is small in an initrd's process 1; used by one step after the other.
Request& scratch() {
  static Request request;
  return request;
}

}  // namespace

Result<> map_root(const BootConf& conf, const Partitions& partitions) {
  const Fd control = REBURST_BOOT_TRY(open_control());
  Request& request = scratch();
  begin(request);
  add_uuid(request, conf);
  REBURST_BOOT_TRY(call(control.get(), DM_DEV_CREATE, "creating the device", request));
  Path node("../dm-");
  node.add_number(minor(request.header.dev));

  const int error = load_table(control.get(), conf, partitions, Options::kNone, request);
  if (error != 0) return fail_system("loading the table of", "dm-verity root", error, kAdvice);
  REBURST_BOOT_TRY(activate(control.get(), request));
  if (::symlink(node.c_str(), kRootDevice) != 0 && errno != EEXIST) return fail_system("linking", kRootDevice, errno);
  return {};
}

Result<bool> panic_from_now_on(const BootConf& conf, const Partitions& partitions) {
  const Fd control = REBURST_BOOT_TRY(open_control());
  Request& request = scratch();
  auto options = may_panic_on_error() ? Options::kPanicOnCorruptionAndError : Options::kPanicOnCorruption;
  int error = load_table(control.get(), conf, partitions, options, request);
  if (error == EINVAL && options == Options::kPanicOnCorruptionAndError) {  // a kernel from 6.12 on without it
    options = Options::kPanicOnCorruption;
    error = load_table(control.get(), conf, partitions, options, request);
  }
  if (error != 0) return fail_system("loading the table of", "dm-verity root", error, kAdvice);
  REBURST_BOOT_TRY(activate(control.get(), request));
  return options == Options::kPanicOnCorruptionAndError;
}

// The status of the target "verity" is one letter: V, or C once a block was not as its hash says (the kernel's
// Documentation/admin-guide/device-mapper/verity.rst).
bool root_was_corrupt() {
  const auto control = open_control();
  if (!control) return false;
  Request& request = scratch();
  begin(request);
  if (::ioctl(control->get(), DM_TABLE_STATUS, &request) != 0) return false;
  return request.header.target_count == 1 && request.parameters[0] == 'C';
}

}  // namespace reburst::boot
