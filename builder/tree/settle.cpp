#include "builder/tree/settle.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace reburst::tree {

std::string settled_shadow(std::string_view text, Epoch epoch) {
  const std::string day = std::to_string(epoch / 86400);
  std::string settled;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    auto fields = split(line, ':');
    if (fields.size() > 2 && !fields[2].empty()) fields[2] = day;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) settled += ':';
      settled += fields[i];
    }
    settled += '\n';
  }
  return settled;
}

std::string settled_berkeley_db(std::string content, Epoch epoch) {
  // Berkeley DB's dbinc/db_page.h, DBMETA: magic at 12, the 20 bytes of `uid` at 52.
  constexpr std::string_view kHashMagic("\x61\x15\x06\x00", 4);
  constexpr std::size_t kIdOffset = 52;
  constexpr std::size_t kIdSize = 20;
  if (content.size() < kIdOffset + kIdSize || std::string_view(content).substr(12, 4) != kHashMagic) return content;
  const std::string id = content.substr(kIdOffset, kIdSize);
  const std::string zeros(kIdSize, '\0');
  if (id != zeros) {
    for (auto at = content.find(id); at != std::string::npos; at = content.find(id, at + kIdSize))
      content.replace(at, kIdSize, zeros);
  }
  // Items grow down from a page's end, each behind a type byte: the value stands right before its key.
  constexpr std::string_view kKey("\x01YP_LAST_MODIFIED", 17);
  constexpr std::size_t kDigits = 10;
  std::string time = std::to_string(epoch);
  time.insert(0, kDigits - std::min(kDigits, time.size()), '0');
  for (auto at = content.find(kKey); at != std::string::npos; at = content.find(kKey, at + 1)) {
    if (at < kDigits || time.size() != kDigits) continue;
    const auto digits = content.begin() + static_cast<std::ptrdiff_t>(at - kDigits);
    if (std::all_of(digits, digits + kDigits, [](char c) { return c >= '0' && c <= '9'; }))
      content.replace(at - kDigits, kDigits, time);
  }
  return content;
}

}  // namespace reburst::tree
