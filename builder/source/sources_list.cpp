#include "builder/source/sources_list.hpp"

#include <algorithm>

#include "builder/source/deb822.hpp"
#include "core/text.hpp"

namespace reburst::source {

namespace {

tl::unexpected<Error> refuse(std::string_view name, std::size_t line, const std::string& why) {
  return fail(ErrorCode::kEnvironment,
              "cannot read apt's \"" + std::string(name) + "\": line " + std::to_string(line) + ": " + why,
              "correct the file; \"apt-get update\" must accept it (sources.list(5))");
}

std::vector<std::string> words_of(std::string_view value) {
  std::string spaced(value);
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  const auto views = split_words(spaced);
  return {views.begin(), views.end()};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  }
  return out;
}

// apt's StringToBool.
std::optional<bool> truth(std::string_view text) {
  const std::string word = lower(trim(text));
  for (const auto* yes : {"yes", "true", "with", "on", "enable", "1"}) {
    if (word == yes) return true;
  }
  for (const auto* no : {"no", "false", "without", "off", "disable", "0"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

// The next word of a one-line entry; blanks inside [] or "" belong to it ("cdrom:[Debian 12]/").
std::string_view take_word(std::string_view& rest) {
  rest = rest.substr(std::min(rest.find_first_not_of(" \t\r"), rest.size()));
  char closing = 0;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    const char letter = rest[end];
    if (closing != 0) {
      if (letter == closing) closing = 0;
    } else if (letter == '[') {
      closing = ']';
    } else if (letter == '"') {
      closing = '"';
    } else if (letter == ' ' || letter == '\t' || letter == '\r') {
      break;
    }
  }
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

// A comment runs from a '#' that is not inside [].
std::string_view without_comment(std::string_view line) {
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '[') inside = true;
    if (line[i] == ']') inside = false;
    if (line[i] == '#' && !inside) return line.substr(0, i);
  }
  return line;
}

void set_option(SourceEntry& entry, std::string_view key, std::string_view value) {
  if (key == "arch") entry.architectures = words_of(value);
  if (key == "arch+") entry.architectures_add = words_of(value);
  if (key == "arch-") entry.architectures_remove = words_of(value);
  if (key == "signed-by") entry.signed_by = words_of(value);
  if (key == "check-valid-until") entry.check_valid_until = truth(value);
  if (key == "trusted") entry.trusted = truth(value).value_or(false);
}

// "[key=value key=value]"; unknown keys change nothing that we read.
bool read_options(std::string_view bracket, SourceEntry& entry) {
  if (!bracket.ends_with(']')) return false;
  for (const auto option : split_words(bracket.substr(1, bracket.size() - 2))) {
    const auto equals = option.find('=');
    if (equals == std::string_view::npos) return false;
    auto key = option.substr(0, equals);
    // "arch-=i386" and "arch+=i386"
    set_option(entry, lower(key), option.substr(equals + 1));
  }
  return true;
}

Result<std::optional<SourceEntry>> parse_line(std::string_view line, std::string_view name, std::size_t number) {
  auto rest = trim(without_comment(line));
  if (rest.empty()) return std::nullopt;
  const auto type = take_word(rest);
  if (type == "deb-src") return std::nullopt;
  if (type != "deb") return refuse(name, number, "the type \"" + std::string(type) + "\" is not known");
  SourceEntry entry;
  entry.name = name;
  entry.line = number;
  rest = trim(rest);
  if (rest.starts_with('[') && !read_options(take_word(rest), entry))
    return refuse(name, number, "malformed [option=value]");
  entry.uris.emplace_back(take_word(rest));
  entry.suites.emplace_back(take_word(rest));
  if (entry.uris[0].empty() || entry.suites[0].empty())
    return refuse(name, number, "expected \"deb URI SUITE COMPONENT…\"");
  while (!trim(rest).empty()) entry.components.emplace_back(take_word(rest));
  if (entry.components.empty() && !entry.suites[0].ends_with('/')) return refuse(name, number, "it names no component");
  return entry;
}

// Continuation lines of an embedded key: one leading blank goes, and " ." stands for an empty line.
std::string embedded_key(std::string_view value) {
  std::string out;
  for (const auto line : split(value, '\n')) {
    const auto content = trim(line);
    if (content != ".") out += content;
    out += '\n';
  }
  return out;
}

bool is_enabled(const Stanza& stanza) {
  return truth(stanza.get("Enabled")).value_or(true);
}

Result<std::optional<SourceEntry>> parse_stanza(const Stanza& stanza, std::string_view name) {
  const auto types = split_words(stanza.get("Types"));
  const std::size_t line = stanza.fields().front().line;
  if (types.empty()) return refuse(name, line, "the stanza has no \"Types\"");
  if (!is_enabled(stanza) || std::find(types.begin(), types.end(), "deb") == types.end()) return std::nullopt;
  SourceEntry entry;
  entry.name = name;
  entry.line = line;
  entry.uris = words_of(stanza.get("URIs"));
  entry.suites = words_of(stanza.get("Suites"));
  entry.components = words_of(stanza.get("Components"));
  const auto signed_by = stanza.get("Signed-By");
  if (signed_by.find("-----BEGIN") != std::string_view::npos) {
    entry.embedded_keys = embedded_key(signed_by);
  } else {
    entry.signed_by = words_of(signed_by);
  }
  entry.architectures = words_of(stanza.get("Architectures"));
  entry.architectures_add = words_of(stanza.get("Architectures-Add"));
  entry.architectures_remove = words_of(stanza.get("Architectures-Remove"));
  entry.check_valid_until = truth(stanza.get("Check-Valid-Until"));
  entry.trusted = truth(stanza.get("Trusted")).value_or(false);
  if (entry.uris.empty()) return refuse(name, line, "the stanza has no \"URIs\"");
  if (entry.suites.empty()) return refuse(name, line, "the stanza has no \"Suites\"");
  const bool flat =
      std::all_of(entry.suites.begin(), entry.suites.end(), [](const auto& suite) { return suite.ends_with('/'); });
  if (entry.components.empty() && !flat) return refuse(name, line, "the stanza has no \"Components\"");
  return entry;
}

}  // namespace

Result<std::vector<SourceEntry>> parse_one_line_sources(std::string_view text, std::string_view name) {
  std::vector<SourceEntry> entries;
  std::size_t number = 0;
  for (const auto line : split(text, '\n')) {
    if (auto entry = REBURST_TRY(parse_line(line, name, ++number))) entries.push_back(*std::move(entry));
  }
  return entries;
}

Result<std::vector<SourceEntry>> parse_deb822_sources(std::string_view text, std::string_view name) {
  std::vector<SourceEntry> entries;
  StanzaReader reader(text, name);
  Stanza stanza;
  for (;;) {
    auto more = reader.next(stanza);
    if (!more) {
      more.error().code = ErrorCode::kEnvironment;
      more.error().hint = "correct the file; \"apt-get update\" must accept it (sources.list(5))";
      return fail(std::move(more).error());
    }
    if (!*more) return entries;
    if (auto entry = REBURST_TRY(parse_stanza(stanza, name))) entries.push_back(*std::move(entry));
  }
}

}  // namespace reburst::source
