#pragma once

#include <string_view>

#include "boot/boot_conf.hpp"
#include "boot/result.hpp"

namespace reburst::boot {

// What the firmware says of Secure Boot (UEFI 2.10, 3.3 and 32.3).
enum class SecureBoot { kOn, kOff, kSetupMode, kNoEfi, kUnknown };

// on, off, setup_mode, no_efi, unknown: the words of boot.json.
[[nodiscard]] std::string_view name(SecureBoot state);
// The same for people, with what it means.
[[nodiscard]] std::string_view words(SecureBoot state);

// A variable of one byte. Malformed: not four bytes of attributes and a 0 or 1, or other attributes than the firmware
// gives to its own report. A system can create a variable of that name on firmware that has none, but not a volatile
// one.
enum class EfiFlag { kMissing, kMalformed, kClear, kSet };
[[nodiscard]] EfiFlag parse_efi_flag(std::string_view file);

[[nodiscard]] SecureBoot judge(EfiFlag secure_boot, EfiFlag setup_mode);

// Why a release that requires Secure Boot does not boot here.
[[nodiscard]] Failure not_secure(SecureBoot state);

// Reads the firmware's variables, and nothing that the kernel's command line says. Says the state on every console;
// anything but kOn is a failure where the release requires Secure Boot, and said loudly where it prefers it.
[[nodiscard]] Result<SecureBoot> check_secure_boot(const BootConf& conf);

}  // namespace reburst::boot
