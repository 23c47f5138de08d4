#include "builder/inspect/boot_program.hpp"

#include <algorithm>

#include "builder/image/bytes.hpp"
#include "core/text.hpp"

namespace reburst::inspect {

namespace {

constexpr std::size_t kSectionHeader = 40;
constexpr std::size_t kCpioHeader = 110;  // "newc"

std::size_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  for (std::size_t i = size; i > 0 && at + size <= bytes.size(); --i)
    value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

std::optional<std::size_t> hex_number(std::string_view digits) {
  std::size_t value = 0;
  for (const char digit : digits) {
    if (hex_value(digit) < 0) return std::nullopt;
    value = value << 4U | static_cast<std::size_t>(hex_value(digit));
  }
  return value;
}

}  // namespace

std::optional<std::string_view> find_section(std::string_view program, std::string_view name) {
  const std::size_t pe = number(program, 60, 4);
  const std::size_t table = pe + 24 + number(program, pe + 20, 2);
  const std::size_t count = number(program, pe + 6, 2);
  for (std::size_t at = table; at < table + count * kSectionHeader; at += kSectionHeader) {
    if (at + kSectionHeader > program.size()) return std::nullopt;
    const auto field = program.substr(at, 8);
    if (field.substr(0, field.find('\0')) != name) continue;
    const std::size_t size = std::min(number(program, at + 8, 4), number(program, at + 16, 4));
    const std::size_t offset = number(program, at + 20, 4);
    if (offset > program.size() || size > program.size() - offset) return std::nullopt;
    return program.substr(offset, size);
  }
  return std::nullopt;
}

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
