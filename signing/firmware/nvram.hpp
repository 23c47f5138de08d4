#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/firmware/efi.hpp"

// A virtual machine's NVRAM: the flash volume in which EDK2's firmware (OVMF) keeps its variables
// (docs/formats/nvram.md).
namespace reburst::firmware {

struct Variable {
  std::string name;  // printable ASCII
  Guid vendor{};
  std::uint32_t attributes = 0;
  std::string time;  // EFI_TIME of an authenticated variable, else empty
  std::string data;

  bool operator==(const Variable&) const = default;
};

// What the firmware is to believe from its first start on, as signature lists.
struct Enrolment {
  std::string platform_key, exchange_keys;  // PK, KEK
  std::string allowed, revoked;             // db, dbx; either may be empty
  Epoch time = 0;                           // of the enrolment: later changes are newer
};

// Secure Boot on, with these keys, in a copy of `blank`, which must hold no variable; kIntegrity for another one,
// kUsage when they do not fit.
[[nodiscard]] Result<std::string> make_nvram(std::string_view blank, const Enrolment& enrolment, std::string_view name);

// The variables that are in force, in their order. kIntegrity for what is not such a volume.
[[nodiscard]] Result<std::vector<Variable>> read_nvram(std::string_view volume, std::string_view name);

// The blank volume that comes with Debian's OVMF; kEnvironment without it.
[[nodiscard]] Result<std::string> blank_nvram();

}  // namespace reburst::firmware
