#include "builder/attest/copyright.hpp"

#include <algorithm>
#include <set>

#include "builder/source/deb822.hpp"
#include "core/text.hpp"

namespace reburst::attest {

namespace {

// The first line of a License field: names; the others: text.
struct LicenceField {
  std::string names, text;
};

LicenceField split_field(std::string_view value) {
  LicenceField out;
  auto lines = split(value, '\n');
  const auto words = split_words(lines.front());
  for (const auto word : words) out.names += (out.names.empty() ? "" : " ") + std::string(word);
  for (auto line = lines.begin() + 1; line != lines.end(); ++line) {
    auto shown = *line;
    if (shown.starts_with(' ') || shown.starts_with('\t')) shown.remove_prefix(1);
    if (!out.text.empty() || !trim(shown).empty()) out.text += (trim(shown) == "." ? "" : std::string(shown)) + "\n";
  }
  return out;
}

bool claims_format(const source::Stanza& header) {
  return header.get("Format").find("copyright-format") != std::string_view::npos;
}

}  // namespace

std::optional<Copyright> parse_copyright(std::string_view text) {
  source::StanzaReader reader(text, "copyright");
  source::Stanza stanza;
  Copyright out;
  for (bool header = true;; header = false) {
    const auto more = reader.next(stanza);
    if (!more || (header && (!*more || !claims_format(stanza)))) return std::nullopt;
    if (!*more) return out;
    const auto* field = stanza.find("License");
    if (field == nullptr) continue;
    auto licence = split_field(field->value);
    if (licence.names.empty()) continue;
    // A stanza without files (but for the header) only gives the text of what others name.
    if (header || stanza.find("Files") != nullptr) {
      if (std::ranges::find(out.licences, licence.names) == out.licences.end()) out.licences.push_back(licence.names);
    }
    if (!licence.text.empty()) out.texts.emplace(std::move(licence.names), std::move(licence.text));
  }
}

std::vector<std::string> common_licences(std::string_view text) {
  constexpr std::string_view kFolder = "/usr/share/common-licenses/";
  constexpr std::string_view kName = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
  std::set<std::string> names;
  for (auto at = text.find(kFolder); at != std::string_view::npos; at = text.find(kFolder, at + 1)) {
    auto name = text.substr(at + kFolder.size());
    name = name.substr(0, name.find_first_not_of(kName));
    while (name.ends_with('.') || name.ends_with('-')) name.remove_suffix(1);
    if (!name.empty()) names.emplace(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace reburst::attest
