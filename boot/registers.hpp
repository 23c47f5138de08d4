#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace reburst::boot {

// PCR 4, 7 and 11 of the machine's TPM, in its SHA-256 bank: what the firmware and the stub measured before us.
struct Registers {
  bool there = false;
  std::array<std::uint8_t, 32> boot_program{}, secure_boot{}, sections{};
};

// 64 hexadecimal digits of either case and a newline, as the kernel shows a register.
[[nodiscard]] bool parse_register(std::string_view text, std::array<std::uint8_t, 32>& value);

// From sysfs; none where there is no TPM, or it has no such bank.
[[nodiscard]] Registers read_registers();

}  // namespace reburst::boot
