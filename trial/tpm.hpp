#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "core/digest.hpp"
#include "core/handle.hpp"
#include "trial/machine.hpp"

namespace reburst::trial {

// A TPM's registers of the SHA-256 bank, by number.
using Registers = std::map<unsigned, Digest>;

// A TPM 2.0 in software (swtpm), new for each boot, and gone with this. QEMU has it by a socket.
class Tpm {
 public:
  // Whether swtpm is installed.
  [[nodiscard]] static bool available();

  // Its state and messages are in `folder`, which is made. kEnvironment when swtpm is not installed.
  [[nodiscard]] static Result<Tpm> start(const std::filesystem::path& folder);

  // QEMU's end of the control channel (swtpm-ioctls(3)), which a process has to inherit.
  [[nodiscard]] int machine_end() const { return control_.get(); }

  // PCR 4, 7 and 11, asked of the TPM itself and not of who used it. QEMU must have ended: it keeps the TPM to itself.
  [[nodiscard]] Result<Registers> read();

 private:
  Tpm(Fd control, Machine process) : control_(std::move(control)), process_(std::move(process)) {}
  Fd control_;
  Machine process_;
};

// The answer to TPM2_PCR_Read (TPM 2.0 Library, part 3, 22.4) of PCR 4, 7 and 11; nothing for any other.
[[nodiscard]] std::optional<Registers> parse_registers(std::string_view answer);

}  // namespace reburst::trial
