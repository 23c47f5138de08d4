#include "builder/inspect/owners.hpp"

#include <algorithm>

#include "builder/image/bytes.hpp"
#include "core/json.hpp"

namespace reburst::inspect {

Result<std::vector<Extent>> read_extents(std::string_view list, std::string_view name) {
  std::vector<Extent> out;
  while (!list.empty()) {
    const auto end = std::min(list.find('\n'), list.size());
    const auto line = REBURST_TRY(parse_json(list.substr(0, end), name));
    list.remove_prefix(std::min(end + 1, list.size()));
    if (!line.is_object() || !line.contains("offset") || line.contains("link_to")) continue;
    out.push_back({.start = REBURST_TRY(json_unsigned(line, "offset", name)),
                   .size = REBURST_TRY(json_unsigned(line, "size", name)),
                   .path = REBURST_TRY(json_string(line, "path", name)),
                   .package = line.contains("package") ? REBURST_TRY(json_string(line, "package", name)) : ""});
  }
  std::sort(out.begin(), out.end(), [](const Extent& a, const Extent& b) { return a.start < b.start; });
  return out;
}

const Extent* find_extent(const std::vector<Extent>& extents, std::uint64_t offset) {
  auto found = std::upper_bound(extents.begin(), extents.end(), offset,
                                [](std::uint64_t place, const Extent& one) { return place < one.start; });
  if (found == extents.begin()) return nullptr;
  --found;
  return offset - found->start < image::round_up(found->size, image::kBlock) ? &*found : nullptr;
}

}  // namespace reburst::inspect
