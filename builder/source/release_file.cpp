#include "builder/source/release_file.hpp"

#include <algorithm>

#include "builder/source/deb822.hpp"
#include "core/text.hpp"

namespace reburst::source {

namespace {

tl::unexpected<Error> refuse(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot use \"" + std::string(name) + "\": " + why,
              "the repository is not made as Debian's are: tell whoever runs it, or use another mirror");
}

std::vector<std::string> words(std::string_view value) {
  const auto views = split_words(value);
  return {views.begin(), views.end()};
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.front() == '/') return false;
  for (const auto part : split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

// "<digest> <size> <path>" in each line.
Result<> read_files(std::string_view section, std::string_view name, ReleaseFile& out) {
  std::optional<std::string> bad;
  for_each_line(section, [&](std::string_view line) {
    const auto fields = split_words(line);
    const auto digest = fields.size() == 3 ? Digest::parse(fields[0]) : std::nullopt;
    const auto size = fields.size() == 3 ? parse_decimal(fields[1]) : std::nullopt;
    if (!digest || !size || !is_safe_path(fields[2])) {
      if (!bad) bad = line;
      return;
    }
    out.files.try_emplace(std::string(fields[2]), ReleaseEntry{*size, *digest});
  });
  if (bad)
    return refuse(name, "its SHA256 section has the line \"" + *bad + "\", not a digest, a size and a relative path");
  if (out.files.empty()) return refuse(name, "it has no SHA256 section");
  return {};
}

// Debian's default for what has no pin: 500, or what NotAutomatic and ButAutomaticUpgrades lower it to
// (apt_preferences(5)).
int default_priority(const Stanza& stanza) {
  if (stanza.get("NotAutomatic") != "yes") return 500;
  return stanza.get("ButAutomaticUpgrades") == "yes" ? 100 : 1;
}

}  // namespace

const ReleaseEntry* ReleaseFile::find(std::string_view path) const {
  const auto found = files.find(path);
  return found != files.end() ? &found->second : nullptr;
}

Result<ReleaseFile> parse_release(std::string_view text, std::string_view name) {
  StanzaReader reader(text, name);
  Stanza stanza;
  if (!REBURST_TRY(reader.next(stanza))) return refuse(name, "it is empty");
  ReleaseFile out;
  auto& release = out.release;
  release.origin = stanza.get("Origin");
  release.label = stanza.get("Label");
  release.suite = stanza.get("Suite");
  release.codename = stanza.get("Codename");
  release.version = stanza.get("Version");
  release.priority = default_priority(stanza);
  const auto date = parse_release_date(stanza.get("Date"));
  if (!date) return refuse(name, "its Date is \"" + std::string(stanza.get("Date")) + "\", not a time in UTC");
  release.date = *date;
  if (const auto* until = stanza.find("Valid-Until")) {
    release.valid_until = parse_release_date(until->value);
    if (!release.valid_until)
      return refuse(name, "its Valid-Until is \"" + std::string(until->value) + "\", not a time in UTC");
  }
  out.architectures = words(stanza.get("Architectures"));
  out.components = words(stanza.get("Components"));
  out.by_hash = stanza.get("Acquire-By-Hash") == "yes";
  out.packages_for_all =
      contains(out.architectures, "all") && !contains(words(stanza.get("No-Support-for-Architecture-all")), "Packages");
  REBURST_TRY(read_files(stanza.get("SHA256"), name, out));
  return out;
}

}  // namespace reburst::source
