#include "trial/uki.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace reburst::trial {

namespace {

constexpr std::size_t kSectionHeader = 40;
constexpr std::size_t kMaxCmdline = 4096;

// A little-endian number of `size` bytes, where there are so many.
std::optional<std::uint32_t> number(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || bytes.size() - at < size) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = size; i > 0; --i) value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

// PE format, "COFF File Header" and "Section Table".
std::optional<std::string_view> find_section(std::string_view bytes, std::string_view wanted) {
  const auto header = number(bytes, 0x3c, 4);
  if (!bytes.starts_with("MZ") || !header || *header > bytes.size() ||
      !bytes.substr(*header).starts_with(std::string_view("PE\0\0", 4))) {
    return std::nullopt;
  }
  const auto sections = number(bytes, *header + 6, 2);
  const auto optional_size = number(bytes, *header + 20, 2);
  if (!sections || !optional_size) return std::nullopt;
  const std::size_t table = std::size_t{*header} + 24 + *optional_size;
  for (std::size_t i = 0; i < *sections; ++i) {
    const std::size_t at = table + i * kSectionHeader;
    const auto virtual_size = number(bytes, at + 8, 4);
    const auto raw_size = number(bytes, at + 16, 4);
    const auto offset = number(bytes, at + 20, 4);
    if (!virtual_size || !raw_size || !offset) return std::nullopt;
    const std::string_view name = bytes.substr(at, 8);
    if (name.substr(0, name.find('\0')) != wanted) continue;
    const std::size_t size = std::min(*virtual_size, *raw_size);
    if (*offset > bytes.size() || bytes.size() - *offset < size) return std::nullopt;
    return bytes.substr(*offset, size);
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> read_cmdline(std::string_view bytes, std::string_view name) {
  const auto section = find_section(bytes, ".cmdline");
  if (!section || section->size() > kMaxCmdline) {
    return fail(ErrorCode::kIntegrity,
                "cannot read the command line of \"" + std::string(name) + "\": no UKI with a section \".cmdline\"",
                "build the image again");
  }
  std::string_view line = *section;
  while (!line.empty() && (line.back() == '\0' || line.back() == '\n')) line.remove_suffix(1);
  return std::string(line);
}

}  // namespace reburst::trial
