#include "builder/measure/section.hpp"

#include <cstddef>

namespace reburst::measure {

namespace {

constexpr std::size_t kHeaderSize = 40;

// A little-endian number of `size` bytes, where there are so many.
std::optional<std::size_t> number(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || bytes.size() - at < size) return std::nullopt;
  std::size_t value = 0;
  for (std::size_t i = size; i > 0; --i) value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

// `header`: of one section, whole.
std::optional<std::string_view> content(std::string_view program, std::string_view header) {
  const auto memory = number(header, 8, 4);
  const auto file = number(header, 16, 4);
  const auto offset = number(header, 20, 4);
  if (!memory || !file || !offset || *memory > *file) return std::nullopt;
  if (*offset > program.size() || *memory > program.size() - *offset) return std::nullopt;
  return program.substr(*offset, *memory);
}

}  // namespace

std::optional<std::string_view> find_section(std::string_view program, std::string_view name) {
  const auto pe = number(program, 60, 4);
  if (!pe) return std::nullopt;
  const auto count = number(program, *pe + 6, 2);
  const auto optional_size = number(program, *pe + 20, 2);
  if (!count || !optional_size) return std::nullopt;
  const std::size_t table = *pe + 24 + *optional_size;
  for (std::size_t i = 0; i < *count; ++i) {
    const std::size_t at = table + i * kHeaderSize;
    if (at + kHeaderSize > program.size()) return std::nullopt;
    const auto header = program.substr(at, kHeaderSize);
    const auto field = header.substr(0, 8);
    if (field.substr(0, field.find('\0')) == name) return content(program, header);
  }
  return std::nullopt;
}

}  // namespace reburst::measure
