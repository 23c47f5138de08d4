#include "builder/inspect/boot_orders.hpp"

#include <map>

#include "builder/inspect/initrd.hpp"
#include "builder/measure/section.hpp"
#include "core/text.hpp"

namespace reburst::inspect {

namespace {

constexpr std::uint64_t kMaxBlocks = 0xffffffff;

}  // namespace

Result<BootOrders> read_boot_orders(std::string_view program, std::string_view name) {
  const auto initrd = measure::find_section(program, ".initrd");
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
