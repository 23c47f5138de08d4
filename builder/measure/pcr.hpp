#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/digest.hpp"

// What firmware and systemd's stub extend into a TPM's registers (PCRs) of the SHA-256 bank. Sources: TCG PC Client
// Platform Firmware Profile 1.06, sections 3.3.4 and 10; systemd-stub(7).
namespace reburst::measure {

// A register since the machine's reset: zeros, then SHA-256(before ‖ digest) for each event.
class Pcr {
 public:
  void extend(const Digest& digest);
  void extend_with(std::string_view event) { extend(sha256(event)); }
  [[nodiscard]] const Digest& value() const { return value_; }

 private:
  Digest value_;
};

// PCR 4 after firmware started one program, at its first try: of a program it is the Authenticode digest that counts.
[[nodiscard]] Digest boot_program_pcr(const Digest& authenticode);

// A variable as UEFI has it.
struct Variable {
  std::string vendor;  // GUID, 16 bytes as they lie in memory
  std::string name;    // ASCII
  std::string data;    // empty where there is no such variable
};
// PCR 7: the variables that make up the firmware's policy, in the order in which they are measured, a separator, and
// the entry of db (its owner, then the certificate) that allowed the program.
[[nodiscard]] Digest secure_boot_pcr(std::span<const Variable> policy, const Variable& authority);

}  // namespace reburst::measure
