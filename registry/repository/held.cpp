#include "registry/repository/held.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "core/json.hpp"

namespace reburst::registry {

namespace {

constexpr std::string_view kFormat = "reburst-bundle";
constexpr std::uint64_t kVersion = 1;

}  // namespace

std::string held_text(std::vector<std::string> roles) {
  std::sort(roles.begin(), roles.end());
  return canonical_json({{"channels", roles}, {"format", std::string(kFormat)}, {"version", kVersion}});
}

Result<std::vector<std::string>> parse_held(std::string_view text, const std::string& name) {
  const auto json = REBURST_TRY(parse_json(text, name, 3));
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kIntegrity, "cannot accept \"" + name + "\": " + why, "reburst registry export writes it");
  };
  if (!json.is_object() || json.value("format", Json()) != kFormat) return refuse("it is not of a bundle of Reburst");
  if (json.value("version", Json()) != kVersion) return refuse("it is of another version of the format");
  std::vector<std::string> out;
  const auto channels = json.find("channels");
  if (channels == json.end() || !channels->is_array() || channels->empty()) return refuse("it names no channels");
  for (const auto& one : *channels) {
    if (!one.is_string()) return refuse("it names no channels");
    out.push_back(one.get<std::string>());
  }
  const bool twice = std::adjacent_find(out.begin(), out.end()) != out.end();
  if (twice || held_text(out) != text) return refuse("it is not in canonical form");
  return out;
}

Result<std::optional<std::vector<std::string>>> read_held(const fs::path& registry) {
  const auto path = registry / kHeldName;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::optional<std::vector<std::string>>();
  return parse_held(REBURST_TRY(read_file(path, kMaxHeld)), path.string());
}

}  // namespace reburst::registry
