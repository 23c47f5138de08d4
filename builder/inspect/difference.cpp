#include "builder/inspect/difference.hpp"

#include <algorithm>

namespace reburst::inspect {

namespace {

constexpr std::size_t kMostShown = 100;

Json json_of(const Difference& one) {
  Json out = {{"part", one.part}, {"what", one.what}, {"start", one.start}, {"end", one.end}, {"boot", one.boot}};
  if (!one.file.empty()) {
    out["file"] = one.file;
    out["file_offset"] = one.file_offset;
  }
  if (!one.package.empty()) out["package"] = one.package;
  if (!one.owner.empty()) out["owner"] = one.owner;
  return out;
}

std::string place(const std::string& part) {
  if (part == "table") return "the partition table";
  if (part == "gap") return "between the partitions";
  if (part == "end") return "after the image";
  return "the " + part + " partition";
}

// "verity, esp (2 places)": by part, in the order of their first difference.
std::string others(const std::vector<Difference>& differences) {
  std::vector<std::pair<std::string, std::size_t>> parts;
  for (std::size_t i = 1; i < differences.size(); ++i) {
    const auto found =
        std::find_if(parts.begin(), parts.end(), [&](const auto& part) { return part.first == differences[i].part; });
    if (found == parts.end()) {
      parts.emplace_back(differences[i].part, 1);
    } else {
      ++found->second;
    }
  }
  std::string out;
  for (const auto& [part, count] : parts)
    out += (out.empty() ? "" : ", ") + part + (count == 1 ? "" : " (" + std::to_string(count) + " places)");
  return out;
}

}  // namespace

std::string to_text(const std::vector<Difference>& differences) {
  if (differences.empty()) return "";
  const auto& first = differences.front();
  std::string out = "  where:     " + place(first.part) + ", bytes " + std::to_string(first.start) + " to " +
                    std::to_string(first.end) + " of the disk\n  what:      " + first.what;
  if (!first.file.empty()) {
    out += "\n  file:      " + first.file + ", from its byte " + std::to_string(first.file_offset) + " on";
    out += "\n  package:   " + (first.package.empty() ? "none owns it" : first.package);
  }
  if (!first.owner.empty()) out += "\n  file:      " + first.owner;
  out += "\n  a boot:    " + first.boot;
  if (differences.size() > 1) out += "\n  and also:  " + others(differences);
  return out;
}

Json to_json(const std::vector<Difference>& differences) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(differences.size(), kMostShown); ++i) list.push_back(json_of(differences[i]));
  return {{"differences", list}, {"difference_count", differences.size()}};
}

}  // namespace reburst::inspect
