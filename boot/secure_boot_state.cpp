#include "boot/secure_boot.hpp"

namespace reburst::boot {

std::string_view name(SecureBoot state) {
  switch (state) {
    case SecureBoot::kOn: return "on";
    case SecureBoot::kOff: return "off";
    case SecureBoot::kSetupMode: return "setup_mode";
    case SecureBoot::kNoEfi: return "no_efi";
    case SecureBoot::kUnknown: break;
  }
  return "unknown";
}

std::string_view words(SecureBoot state) {
  switch (state) {
    case SecureBoot::kOn: return "on";
    case SecureBoot::kOff: return "off: the firmware starts whatever the disk holds";
    case SecureBoot::kSetupMode: return "in setup mode: the firmware has no platform key, and checks nothing";
    case SecureBoot::kNoEfi: return "absent: this machine was not started by UEFI firmware";
    case SecureBoot::kUnknown: break;
  }
  return "unknown: the firmware's variables cannot be read, or are not as UEFI has them";
}

EfiFlag parse_efi_flag(std::string_view file) {
  // efivarfs: EFI_VARIABLE_BOOTSERVICE_ACCESS and EFI_VARIABLE_RUNTIME_ACCESS, little-endian, then the value.
  constexpr std::string_view kAttributes("\x06\0\0\0", 4);
  if (file.size() != kAttributes.size() + 1 || !file.starts_with(kAttributes)) return EfiFlag::kMalformed;
  if (file.back() == '\0') return EfiFlag::kClear;
  return file.back() == '\x01' ? EfiFlag::kSet : EfiFlag::kMalformed;
}

SecureBoot judge(EfiFlag secure_boot, EfiFlag setup_mode) {
  if (secure_boot == EfiFlag::kMalformed || setup_mode == EfiFlag::kMalformed) return SecureBoot::kUnknown;
  if (setup_mode == EfiFlag::kSet) return SecureBoot::kSetupMode;
  if (secure_boot != EfiFlag::kSet) return SecureBoot::kOff;
  return setup_mode == EfiFlag::kClear ? SecureBoot::kOn : SecureBoot::kUnknown;
}

Failure not_secure(SecureBoot state) {
  Failure failure;
  failure.what.add("checking Secure Boot");
  failure.expected.add("on: this release requires it");
  failure.found.add(words(state));
  failure.advice.add(state == SecureBoot::kNoEfi
                         ? "start the machine by UEFI firmware with Secure Boot, not by BIOS or a kernel handed to it"
                         : "enroll the keys that signed this release in the firmware, and turn Secure Boot on");
  return failure;
}

}  // namespace reburst::boot
