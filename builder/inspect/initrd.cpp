#include "builder/inspect/initrd.hpp"

#include "builder/image/bytes.hpp"
#include "core/text.hpp"

namespace reburst::inspect {

namespace {

constexpr std::size_t kCpioHeader = 110;  // "newc"

std::optional<std::size_t> hex_number(std::string_view digits) {
  std::size_t value = 0;
  for (const char digit : digits) {
    if (hex_value(digit) < 0) return std::nullopt;
    value = value << 4U | static_cast<std::size_t>(hex_value(digit));
  }
  return value;
}

}  // namespace

std::optional<std::string_view> find_member(std::string_view archive, std::string_view name) {
  for (std::size_t at = 0; at + kCpioHeader <= archive.size();) {
    const auto header = archive.substr(at, kCpioHeader);
    const auto size = hex_number(header.substr(54, 8));
    const auto name_size = hex_number(header.substr(94, 8));
    if (!header.starts_with("070701") || !size || !name_size || *name_size == 0) return std::nullopt;
    const std::size_t content = image::round_up(at + kCpioHeader + *name_size, 4);
    if (content > archive.size() || *size > archive.size() - content) return std::nullopt;
    if (archive.substr(at + kCpioHeader, *name_size - 1) == name) return archive.substr(content, *size);
    at = image::round_up(content + *size, 4);
  }
  return std::nullopt;
}

}  // namespace reburst::inspect
