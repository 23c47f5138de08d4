#include "builder/recipe/brackets.hpp"

namespace reburst::recipe {

namespace {

// Behind the quoted text that begins at `at`, or the end.
std::size_t after_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size() && text[at] != quote; ++at) {
    if (quote == '"' && text[at] == '\\') ++at;
  }
  return at + 1;  // 'it''s' is two of them, one behind the other
}

// Where a value begins: an apostrophe within a word is none.
bool begins_value(std::string_view text, std::size_t at) {
  return std::string_view(" \t\n[{,:'").find(text[at - 1]) != std::string_view::npos;
}

}  // namespace

bool is_closed(std::string_view text, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t at = open; at < text.size();) {
    const char letter = text[at];
    if (letter == '[' || letter == '{') ++depth;
    if ((letter == ']' || letter == '}') && --depth == 0) return true;
    if ((letter == '"' || letter == '\'') && begins_value(text, at)) {
      at = after_quoted(text, at);
    } else if (letter == '#' && std::string_view(" \t\n").find(text[at - 1]) != std::string_view::npos) {
      at = text.find('\n', at);
    } else {
      ++at;
    }
  }
  return false;
}

}  // namespace reburst::recipe
