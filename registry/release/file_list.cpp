#include "registry/release/file_list.hpp"

#include <algorithm>
#include <string>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxList = 1U << 30U;
constexpr std::uint64_t kLarge = 256U << 10U;
constexpr std::uint64_t kBlock = 4096;

struct Extent {
  std::uint64_t offset = 0, size = 0;
  std::string package;
};

}  // namespace

Result<std::vector<std::uint64_t>> read_boundaries(const fs::path& file_list) {
  const auto text = REBURST_TRY(read_file(file_list, kMaxList));
  std::vector<Extent> extents;
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto entry = REBURST_TRY(parse_json(line, file_list.string()));
    if (!entry.is_object() || !entry.contains("offset")) continue;
    extents.push_back({.offset = REBURST_TRY(json_unsigned(entry, "offset", file_list.string())),
                       .size = REBURST_TRY(json_unsigned(entry, "size", file_list.string())),
                       .package = entry.contains("package")
                                      ? REBURST_TRY(json_string(entry, "package", file_list.string()))
                                      : std::string()});
  }
  std::sort(extents.begin(), extents.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const bool starts = i == 0 || extents[i].package != extents[i - 1].package;
    if (starts || extents[i].size >= kLarge) out.push_back(extents[i].offset);
  }
  // Behind the last file another partition begins.
  if (!extents.empty()) out.push_back((extents.back().offset + extents.back().size + kBlock - 1) / kBlock * kBlock);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace reburst::registry
