#include "builder/measure/pcr.hpp"

#include <cstdint>

namespace reburst::measure {

namespace {

constexpr std::string_view kSeparator("\0\0\0\0", 4);  // EV_SEPARATOR: the firmware hands over, and met no error

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

void append_number(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

// UEFI_VARIABLE_DATA: vendor, lengths of the name in characters and of the data, the name in UTF-16 without a NUL.
std::string variable_data(const Variable& variable) {
  std::string out = variable.vendor;
  append_number(out, variable.name.size());
  append_number(out, variable.data.size());
  for (const char each : variable.name) out.append({each, '\0'});
  return out + variable.data;
}

}  // namespace

void Pcr::extend(const Digest& digest) {
  Hasher hasher;
  hasher.update(bytes_of(value_));
  hasher.update(bytes_of(digest));
  value_ = hasher.finish();
}

Digest boot_program_pcr(const Digest& authenticode) {
  Pcr pcr;
  pcr.extend_with("Calling EFI Application from Boot Option");
  pcr.extend_with(kSeparator);
  pcr.extend(authenticode);
  return pcr.value();
}

Digest secure_boot_pcr(std::span<const Variable> policy, const Variable& authority) {
  Pcr pcr;
  for (const Variable& variable : policy) pcr.extend_with(variable_data(variable));
  pcr.extend_with(kSeparator);
  pcr.extend_with(variable_data(authority));
  return pcr.value();
}

}  // namespace reburst::measure
