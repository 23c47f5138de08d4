#include "builder/recipe/node.hpp"

#include <algorithm>

namespace reburst::recipe {

namespace {

constexpr std::size_t kShownBytes = 120;

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

std::string_view line_of(std::string_view text, std::size_t line) {
  std::size_t begin = 0;
  for (std::size_t i = 1; i < line; ++i) {
    const auto end = text.find('\n', begin);
    if (end == std::string_view::npos) return {};
    begin = end + 1;
  }
  auto found = text.substr(begin, text.find('\n', begin) - begin);
  if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
  return found;
}

// What a terminal may be given: hostile bytes of a file that is not text become '?'.
std::string harmless(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    out += (value < 0x20 && byte != '\t') || value == 0x7F || value >= 0x80 ? '?' : byte;
  }
  return out;
}

// The line (a window of it when it is long) and a caret under byte `column`.
std::string excerpt(std::string_view line, std::size_t column, bool is_text) {
  std::size_t caret = std::min(column - 1, line.size());
  if (line.size() > kShownBytes) {
    std::size_t begin = caret > kShownBytes / 2 ? caret - kShownBytes / 2 : 0;
    while (begin < caret && continues_character(line[begin])) ++begin;
    std::size_t end = std::min(line.size(), begin + kShownBytes);
    while (end < line.size() && continues_character(line[end])) ++end;
    line = line.substr(begin, end - begin);
    caret -= begin;
  }
  std::string pad;
  for (const char byte : line.substr(0, caret)) {
    if (is_text && continues_character(byte)) continue;
    pad += byte == '\t' ? '\t' : ' ';
  }
  return (is_text ? std::string(line) : harmless(line)) + "\n" + pad + "^";
}

bool is_plain_ascii_or_utf8(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value >= 0x20 ? value != 0x7F && value < 0xF8 : byte == '\t';
  });
}

}  // namespace

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::kNull: return "nothing";
    case Kind::kText: return "text";
    case Kind::kNumber: return "a number";
    case Kind::kFlag: return "true or false";
    case Kind::kList: return "a list";
    case Kind::kMap: return "a map";
  }
  return "nothing";
}

const Member* find_member(const Node& map, std::string_view key) {
  const auto found =
      std::find_if(map.members.begin(), map.members.end(), [&](const Member& m) { return m.key == key; });
  return found == map.members.end() ? nullptr : &*found;
}

const Node* find(const Node& map, std::string_view key) {
  const auto* member = find_member(map, key);
  return member == nullptr ? nullptr : &member->value;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 80;
  constexpr std::string_view kDigits = "0123456789abcdef";
  const bool cut = text.size() > kMost;
  if (cut) {
    std::size_t end = kMost;
    while (end > 0 && continues_character(text[end])) --end;
    text = text.substr(0, end);
  }
  std::string out = "\"";
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (byte == '\n') {
      out += "\\n";
    } else if (value < 0x20 || value == 0x7F) {
      out += "\\x";
      out += kDigits[value >> 4U];
      out += kDigits[value & 15U];
    } else {
      out += byte;
    }
  }
  return out + (cut ? "…\"" : "\"");
}

std::string place(const Mark& mark) {
  return mark.source->name + ":" + std::to_string(mark.line);
}

tl::unexpected<Error> fail_at(const Mark& mark, std::string_view message, std::string hint) {
  const auto line = line_of(mark.source->text, mark.line);
  Error error(ErrorCode::kRecipe,
              place(mark) + ":" + std::to_string(mark.column) + ": error: " + std::string(message) + "\n" +
                  excerpt(line, mark.column, is_plain_ascii_or_utf8(line)),
              std::move(hint));
  error.placed = true;
  return fail(std::move(error));
}

}  // namespace reburst::recipe
