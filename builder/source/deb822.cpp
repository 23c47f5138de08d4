#include "builder/source/deb822.hpp"

#include "core/text.hpp"

namespace reburst::source {

namespace {

constexpr std::size_t kMaxFields = 500;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// deb822(5): printable characters but blanks and colons, not beginning with '-'.
bool is_field_name(std::string_view name) {
  if (name.empty() || name.front() == '-') return false;
  for (const char letter : name) {
    if (letter <= ' ' || letter > '~') return false;
  }
  return true;
}

}  // namespace

const Field* Stanza::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (same_name(field.name, name)) return &field;
  }
  return nullptr;
}

std::string_view Stanza::get(std::string_view name) const {
  const auto* field = find(name);
  return field != nullptr ? field->value : std::string_view();
}

std::string_view StanzaReader::take_line() {
  const auto end = rest_.find('\n');
  const auto line = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  ++line_;
  return line;
}

tl::unexpected<Error> StanzaReader::refuse(std::string_view why) const {
  return fail(ErrorCode::kIntegrity,
              "cannot read \"" + name_ + "\": line " + std::to_string(line_) + ": " + std::string(why));
}

Result<> StanzaReader::add_line(std::string_view line, Stanza& stanza) const {
  if (line.find('\0') != std::string_view::npos) return refuse("a NUL byte");
  auto& fields = stanza.fields_;
  if (line.front() == ' ' || line.front() == '\t') {
    if (fields.empty()) return refuse("a continuation line without a field before it");
    auto& value = fields.back().value;
    value = {value.data(), static_cast<std::size_t>(line.data() + line.size() - value.data())};
    return {};
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return refuse("expected \"Field: value\"");
  const auto name = line.substr(0, colon);
  if (!is_field_name(name)) return refuse("a field name with characters that none may have");
  if (stanza.find(name) != nullptr) return refuse("the field \"" + std::string(name) + "\" is given twice");
  if (fields.size() == kMaxFields) return refuse("more than " + std::to_string(kMaxFields) + " fields in one stanza");
  fields.push_back({name, line.substr(colon + 1), line_});
  return {};
}

Result<bool> StanzaReader::next(Stanza& stanza) {
  stanza.fields_.clear();
  while (!rest_.empty()) {
    const auto line = take_line();
    if (!line.empty() && line.front() == '#') continue;
    if (is_blank(line)) {
      if (stanza.fields_.empty()) continue;
      break;
    }
    REBURST_TRY(add_line(line, stanza));
  }
  for (auto& field : stanza.fields_) field.value = trim(field.value);
  return !stanza.fields_.empty();
}

}  // namespace reburst::source
