#include "signing/firmware/efi.hpp"

#include <charconv>

namespace reburst::firmware {

std::string bytes_of(const Guid& guid) {
  return {reinterpret_cast<const char*>(guid.data()), guid.size()};
}

std::string little_endian(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
  return out;
}

std::string utf16(std::string_view text) {
  std::string out;
  for (const char each : text) out.append({each, '\0'});
  return out;
}

std::string efi_time(Epoch time) {
  const std::string text = version_time(time);  // 20260711T101637Z
  const auto part = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  std::string out = little_endian(part(0, 4), 2);
  for (const std::size_t at : {4, 6, 9, 11, 13}) out += little_endian(part(at, 2), 1);
  return out.append(9, '\0');  // padding, nanoseconds, time zone, daylight saving, padding
}

}  // namespace reburst::firmware
