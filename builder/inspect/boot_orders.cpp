#include "builder/inspect/boot_orders.hpp"

#include <map>
#include <optional>

#include "builder/image/bytes.hpp"
#include "core/text.hpp"

namespace reburst::inspect {

namespace {

constexpr std::size_t kSectionHeader = 40;
constexpr std::size_t kCpioHeader = 110;  // "newc"
constexpr std::uint64_t kMaxBlocks = 0xffffffff;

std::size_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  for (std::size_t i = size; i > 0 && at + size <= bytes.size(); --i)
    value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  return value;
}

// The content of a section of a PE program (Microsoft, "PE Format").
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

std::optional<std::size_t> hex_number(std::string_view digits) {
  std::size_t value = 0;
  for (const char digit : digits) {
    if (hex_value(digit) < 0) return std::nullopt;
    value = value << 4U | static_cast<std::size_t>(hex_value(digit));
  }
  return value;
}

// The content of a member of the first archive (Linux, driver-api/early-userspace/buffer-format.rst).
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

}  // namespace

Result<BootOrders> read_boot_orders(std::string_view program, std::string_view name) {
  const auto initrd = find_section(program, ".initrd");
  const auto conf = initrd ? find_member(*initrd, "boot.conf") : std::nullopt;
  if (!conf) return fail(ErrorCode::kIntegrity, "\"" + std::string(name) + "\" has no initrd with a boot.conf");
  std::map<std::string_view, std::string_view> values;
  for (const auto line : split(*conf, '\n')) {
    if (const auto blank = line.find(' '); blank != std::string_view::npos)
      values.emplace(line.substr(0, blank), line.substr(blank + 1));
  }
  const auto hash = Digest::parse(values["root_hash"]);
  const auto data = parse_decimal(values["data_blocks"]);
  const auto start = parse_decimal(values["hash_start"]);
  const auto blocks = parse_decimal(values["hash_blocks"]);
  const bool sane = hash && data && start && blocks && *data > 0 && *data <= kMaxBlocks && *start == 1 &&
                    *blocks == image::verity_blocks(*data) && values["salt"] == "-";
  if (!sane)
    return fail(ErrorCode::kIntegrity, "the boot.conf in \"" + std::string(name) + "\" describes no tree of a release");
  return BootOrders{
      std::string(values["role"]), std::string(values["version"]),
      image::Verity{.root_hash = *hash, .data_blocks = *data, .hash_start = *start, .hash_blocks = *blocks}};
}

}  // namespace reburst::inspect
