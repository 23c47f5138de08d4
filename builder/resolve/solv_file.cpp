#include "builder/resolve/solv_file.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace reburst::resolve {

namespace {

static_assert(std::has_unique_object_representations_v<Record>);  // its bytes are the file's

// Guards a cached file against a damaged disk; not against an attacker, who could as well replace the program.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32U;
  }
  return hash;
}

void append_number(std::string& out, std::uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::uint64_t take_number(std::string_view& rest) {
  std::uint64_t number = 0;
  std::memcpy(&number, rest.data() + rest.size() - sizeof number, sizeof number);
  rest.remove_suffix(sizeof number);
  return number;
}

}  // namespace

std::string pack_solv(std::string solv, const std::vector<Record>& records) {
  if (!records.empty()) solv.append(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(Record));
  append_number(solv, records.size());
  append_number(solv, checksum(solv));
  return solv;
}

std::optional<SolvView> SolvView::open(std::string_view content) {
  if (content.size() < 2 * sizeof(std::uint64_t)) return std::nullopt;
  const auto sum = take_number(content);
  if (checksum(content) != sum) return std::nullopt;
  const auto count = take_number(content);
  if (count > content.size() / sizeof(Record)) return std::nullopt;
  const auto solv = content.size() - count * sizeof(Record);
  return SolvView(content.substr(0, solv), content.substr(solv));
}

Record SolvView::record(std::size_t at) const {
  Record out;
  std::memcpy(&out, records_.data() + at * sizeof out, sizeof out);
  return out;
}

void Ranking::meet(const Stanza& stanza) {
  (void)rank(stanza.package);
  for (const auto field : {stanza.pre_depends, stanza.depends, stanza.conflicts, stanza.breaks, stanza.recommends,
                           stanza.suggests, stanza.replaces, stanza.enhances, stanza.provides}) {
    for (std::size_t at = 0; at < field.size();) {
      at = field.find_first_not_of(" \t\r\n,|", at);
      if (at == std::string_view::npos) break;
      const auto end = std::min(field.find_first_of(" \t\r\n,|(", at), field.size());
      if (end > at) (void)rank(field.substr(at, end - at));
      at = std::min(field.find_first_of(",|", end), field.size());
    }
  }
}

std::uint32_t Ranking::rank(std::string_view name) {
  return ranks_.try_emplace(name, static_cast<std::uint32_t>(ranks_.size())).first->second;
}

}  // namespace reburst::resolve
