#include "boot/secure_boot.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "boot/console.hpp"
#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kEfi = "/sys/firmware/efi";
constexpr const char* kVariables = "/sys/firmware/efi/efivars";

// EFI_GLOBAL_VARIABLE
EfiFlag read_flag(std::string_view variable) {
  Path path(kVariables);
  path.add('/').add(variable).add("-8be4df61-93ca-11d2-aa0d-00e098032b8c");
  if (::access(path.c_str(), F_OK) != 0) return errno == ENOENT ? EfiFlag::kMissing : EfiFlag::kMalformed;
  std::array<char, 16> buffer{};
  const auto file = read_small(path.c_str(), buffer);
  return file ? parse_efi_flag(*file) : EfiFlag::kMalformed;
}

SecureBoot read_state() {
  if (::access(kEfi, F_OK) != 0) return SecureBoot::kNoEfi;
  if (::mount("efivarfs", kVariables, "efivarfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "") != 0) {
    return SecureBoot::kUnknown;
  }
  const SecureBoot state = judge(read_flag("SecureBoot"), read_flag("SetupMode"));
  ::umount2(kVariables, MNT_DETACH);  // systemd mounts it as it wants it
  return state;
}

}  // namespace

Result<SecureBoot> check_secure_boot(const BootConf& conf) {
  const SecureBoot state = read_state();
  if (state == SecureBoot::kOn) {
    say("Secure Boot is on");
    return state;
  }
  if (conf.secure_boot == SecureBootPolicy::kRequired && !is_for_tests()) return fail(not_secure(state));
  Text<256> line("WARNING: Secure Boot is ");
  say(line.add(words(state)));
  return state;
}

}  // namespace reburst::boot
