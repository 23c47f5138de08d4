#include "boot/registers.hpp"

#include "boot/files.hpp"
#include "boot/parse.hpp"

namespace reburst::boot {

namespace {

bool read_register(std::uint64_t number, std::array<std::uint8_t, 32>& value) {
  Path path("/sys/class/tpm/tpm0/pcr-sha256/");
  path.add_number(number);
  std::array<char, 128> buffer{};
  const auto text = read_small(path.c_str(), buffer);
  return text && parse_register(*text, value);
}

}  // namespace

bool parse_register(std::string_view text, std::array<std::uint8_t, 32>& value) {
  std::array<char, 64> digits{};
  if (text.size() != digits.size() + 1 || text.back() != '\n') return false;
  for (std::size_t i = 0; i < digits.size(); ++i)
    digits[i] = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
  return parse_hex({digits.data(), digits.size()}, value);
}

Registers read_registers() {
  Registers out;
  out.there =
      read_register(4, out.boot_program) && read_register(7, out.secure_boot) && read_register(11, out.sections);
  return out;
}

}  // namespace reburst::boot
