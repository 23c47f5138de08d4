#include <algorithm>
#include <array>
#include <cstdint>

#include "core/text.hpp"

namespace reburst {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

struct Range {
  char32_t first, last;
};

// What a terminal obeys, or shows as nothing: controls (C1), format characters, line and paragraph separators
// (categories Cc, Cf, Zl and Zp of Unicode 15), and the characters without a shape (Default_Ignorable_Code_Point) but
// for the variation selectors, which many emoji have.
constexpr std::array kHidden = {
    Range{0x7f, 0x9f},       Range{0xad, 0xad},       Range{0x34f, 0x34f},     Range{0x600, 0x605},
    Range{0x61c, 0x61c},     Range{0x6dd, 0x6dd},     Range{0x70f, 0x70f},     Range{0x890, 0x891},
    Range{0x8e2, 0x8e2},     Range{0x115f, 0x1160},   Range{0x17b4, 0x17b5},   Range{0x180e, 0x180e},
    Range{0x200b, 0x200f},   Range{0x2028, 0x202e},   Range{0x2060, 0x206f},   Range{0x3164, 0x3164},
    Range{0xfeff, 0xfeff},   Range{0xffa0, 0xffa0},   Range{0xfff0, 0xfffb},   Range{0x110bd, 0x110bd},
    Range{0x110cd, 0x110cd}, Range{0x13430, 0x1343f}, Range{0x1bca0, 0x1bca3}, Range{0x1d173, 0x1d17a},
    Range{0xe0000, 0xe00ff}, Range{0xe01f0, 0xe0fff}};

bool is_hidden(char32_t code) {
  if (code < 0x20) return code != '\n' && code != '\t';
  const auto* const range = std::lower_bound(kHidden.begin(), kHidden.end(), code,
                                             [](const Range& each, char32_t wanted) { return each.last < wanted; });
  return range != kHidden.end() && range->first <= code;
}

struct Letter {
  char32_t code = 0;
  std::size_t size = 0;  // in bytes; 0: not well-formed
};

// The first character of a text that is not empty (RFC 3629: the shortest form, no surrogates).
Letter first_letter(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0 || text.size() < size) return {};
  char32_t code = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = code << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return surrogate || code < kLeast.at(size) || code > 0x10ffff ? Letter() : Letter{code, size};
}

void append_byte(std::string& out, unsigned char byte) {
  out += {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
}

void append_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (unsigned shift = 16; shift > 0; shift -= 4) out += kDigits[unit >> (shift - 4) & 15U];
}

// As JSON writes it.
void append_code(std::string& out, char32_t code) {
  if (code < 0x20) return append_byte(out, static_cast<unsigned char>(code));
  if (code < 0x10000) return append_unit(out, code);
  append_unit(out, 0xd800 + ((code - 0x10000) >> 10U));
  append_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ffU));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto letter = first_letter(text);
    const auto size = std::max<std::size_t>(letter.size, 1);
    if (letter.size == 0) {
      append_byte(out, static_cast<unsigned char>(text.front()));
    } else if (is_hidden(letter.code)) {
      append_code(out, letter.code);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace reburst
