#include "builder/tree/control.hpp"

#include <algorithm>
#include <cctype>

#include "core/text.hpp"

namespace reburst::tree {
namespace {

bool equal_names(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Policy 5.6.12: "~" sorts before the end, letters before all else.
int weight(std::string_view text, std::size_t at) {
  if (at >= text.size() || is_digit(text[at])) return 0;
  const auto c = static_cast<unsigned char>(text[at]);
  if (c == '~') return -1;
  return std::isalpha(c) != 0 ? c : c + 256;
}

int compare_part(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    while ((i < a.size() && !is_digit(a[i])) || (j < b.size() && !is_digit(b[j]))) {
      const int left = weight(a, i);
      const int right = weight(b, j);
      if (left != right) return left < right ? -1 : 1;
      if (i < a.size() && !is_digit(a[i])) ++i;
      if (j < b.size() && !is_digit(b[j])) ++j;
    }
    while (i < a.size() && a[i] == '0') ++i;
    while (j < b.size() && b[j] == '0') ++j;
    int first_difference = 0;
    while (i < a.size() && is_digit(a[i]) && j < b.size() && is_digit(b[j])) {
      if (first_difference == 0 && a[i] != b[j]) first_difference = a[i] < b[j] ? -1 : 1;
      ++i;
      ++j;
    }
    if (i < a.size() && is_digit(a[i])) return 1;
    if (j < b.size() && is_digit(b[j])) return -1;
    if (first_difference != 0) return first_difference;
  }
  return 0;
}

struct Version {
  std::string_view epoch, upstream, revision;
};

Version split_version(std::string_view text) {
  Version version;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    version.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const auto dash = text.rfind('-');
  version.upstream = text.substr(0, dash);
  if (dash != std::string_view::npos) version.revision = text.substr(dash + 1);
  return version;
}

// "name:any (>= 1.2) [amd64] <!nocheck>"
Relation parse_relation(std::string_view text) {
  Relation relation;
  text = trim(text);
  const auto end = text.find_first_of(" \t\n(:[<");
  relation.name = std::string(text.substr(0, end));
  const auto open = text.find('(');
  const auto close = text.find(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return relation;
  const std::string_view inner = trim(text.substr(open + 1, close - open - 1));
  const auto operator_end = inner.find_first_not_of("<=>");
  if (operator_end == std::string_view::npos) return relation;
  relation.op = std::string(inner.substr(0, operator_end));
  if (relation.op == "<" || relation.op == ">") relation.op += "=";  // Policy 7.1: the old forms
  relation.version = std::string(trim(inner.substr(operator_end)));
  return relation;
}

}  // namespace

std::string_view Stanza::get(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (equal_names(key, name)) return value;
  }
  return {};
}

std::string Stanza::text() const {
  std::string text;
  for (const auto& [key, value] : fields) {
    text += key;
    text += value.starts_with('\n') ? ":" : ": ";
    text += value;
    text += '\n';
  }
  return text;
}

Result<Stanza> parse_stanza(std::string_view text, std::string_view what) {
  const std::string where = "cannot read the control file of " + std::string(what);
  if (text.find('\0') != std::string_view::npos) return fail(ErrorCode::kPackage, where + ": it holds a NUL byte");
  Stanza stanza;
  bool ended = false;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) {
      ended = !stanza.fields.empty();
      continue;
    }
    if (ended) return fail(ErrorCode::kPackage, where + ": it holds more than one stanza");
    if (line.front() == ' ' || line.front() == '\t') {
      if (stanza.fields.empty()) return fail(ErrorCode::kPackage, where + ": it starts with a continuation line");
      stanza.fields.back().second += '\n';
      stanza.fields.back().second += line;
      continue;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      return fail(ErrorCode::kPackage, where + ": \"" + std::string(line.substr(0, 80)) + "\" is no field");
    }
    const std::string_view name = line.substr(0, colon);
    if (!stanza.get(name).empty())
      return fail(ErrorCode::kPackage, where + ": the field \"" + std::string(name) + "\" is there twice");
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(
        std::min(value.find_first_not_of(" \t"), value.size()));  // dpkg keeps what stands behind a value
    stanza.fields.emplace_back(name, value);
  }
  return stanza;
}

std::vector<std::vector<Relation>> parse_relations(std::string_view field) {
  std::vector<std::vector<Relation>> groups;
  for (const std::string_view group : split(field, ',')) {
    std::vector<Relation> alternatives;
    for (const std::string_view alternative : split(group, '|')) {
      Relation relation = parse_relation(alternative);
      if (!relation.name.empty()) alternatives.push_back(std::move(relation));
    }
    if (!alternatives.empty()) groups.push_back(std::move(alternatives));
  }
  return groups;
}

int compare_versions(std::string_view left, std::string_view right) {
  const Version a = split_version(left);
  const Version b = split_version(right);
  if (const int epoch = compare_part(a.epoch, b.epoch); epoch != 0) return epoch;
  if (const int upstream = compare_part(a.upstream, b.upstream); upstream != 0) return upstream;
  return compare_part(a.revision, b.revision);
}

bool satisfies(std::string_view version, const Relation& relation) {
  if (relation.op.empty()) return true;
  const int order = compare_versions(version, relation.version);
  if (relation.op == "<<") return order < 0;
  if (relation.op == "<=") return order <= 0;
  if (relation.op == "=") return order == 0;
  if (relation.op == ">=") return order >= 0;
  return relation.op == ">>" && order > 0;
}

bool valid_package_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '-' || c == '.'; };
  return name.size() >= 2 && name.size() <= 200 && name.front() != '+' && name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace reburst::tree
