#include "builder/resolve/stanza.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text.hpp"

namespace reburst::resolve {

namespace {

using Field = std::pair<std::string_view, std::string_view Stanza::*>;
constexpr std::array kFields = {
    Field{"package", &Stanza::package},
    Field{"version", &Stanza::version},
    Field{"architecture", &Stanza::architecture},
    Field{"multi-arch", &Stanza::multi_arch},
    Field{"essential", &Stanza::essential},
    Field{"protected", &Stanza::important},
    Field{"important", &Stanza::important},
    Field{"priority", &Stanza::priority},
    Field{"source", &Stanza::source},
    Field{"filename", &Stanza::filename},
    Field{"size", &Stanza::size},
    Field{"sha256", &Stanza::sha256},
    Field{"pre-depends", &Stanza::pre_depends},
    Field{"depends", &Stanza::depends},
    Field{"conflicts", &Stanza::conflicts},
    Field{"breaks", &Stanza::breaks},
    Field{"recommends", &Stanza::recommends},
    Field{"suggests", &Stanza::suggests},
    Field{"replaces", &Stanza::replaces},
    Field{"enhances", &Stanza::enhances},
    Field{"provides", &Stanza::provides},
};

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(std::string_view name, std::string_view lower_case) {
  return name.size() == lower_case.size() && lower(name[0]) == lower_case[0] &&
         std::equal(name.begin(), name.end(), lower_case.begin(), [](char a, char b) { return lower(a) == b; });
}

// The end of the field that starts at `at`: behind its last continuation line.
std::size_t field_end(std::string_view text, std::size_t at) {
  for (;;) {
    const auto newline = text.find('\n', at);
    if (newline == std::string_view::npos) return text.size();
    at = newline + 1;
    if (at >= text.size() || (text[at] != ' ' && text[at] != '\t')) return at;
  }
}

}  // namespace

Stanza read_stanza(std::string_view text) {
  Stanza stanza;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = field_end(text, at);
    const auto line = text.substr(at, end - at);
    at = end;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    for (const auto& [name, member] : kFields) {
      if (same_name(line.substr(0, colon), name)) {
        stanza.*member = trim(line.substr(colon + 1));
        break;
      }
    }
  }
  return stanza;
}

std::optional<std::string_view> StanzaReader::next() {
  while (at_ < index_.size() && index_[at_] == '\n') ++at_;
  if (at_ >= index_.size()) return std::nullopt;
  const auto begin = at_;
  const auto end = index_.find("\n\n", begin);
  at_ = end == std::string_view::npos ? index_.size() : end + 2;
  return index_.substr(begin, (end == std::string_view::npos ? index_.size() : end + 1) - begin);
}

}  // namespace reburst::resolve
