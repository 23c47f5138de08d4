#include "builder/resolve/dependency.hpp"

#include <optional>

#include "core/text.hpp"

namespace reburst::resolve {

namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '+' || c == '-' ||
         c == '.' || c == '_' || c == ':';
}

std::optional<Relation> parse_relation(std::string_view& rest) {
  const auto take = [&](std::string_view symbol) {
    if (!rest.starts_with(symbol)) return false;
    rest.remove_prefix(symbol.size());
    return true;
  };
  if (take("<<")) return Relation::kEarlier;
  if (take("<=") || take("<")) return Relation::kEarlierEqual;
  if (take(">>")) return Relation::kLater;
  if (take(">=") || take(">")) return Relation::kLaterEqual;
  if (take("==") || take("=")) return Relation::kEqual;
  return std::nullopt;
}

// "name (>= version)"; what follows the closing bracket is refused.
std::optional<Alternative> parse_alternative(std::string_view text, std::string_view architecture) {
  text = trim(text);
  std::size_t length = 0;
  while (length < text.size() && name_character(text[length])) ++length;
  if (length == 0) return std::nullopt;
  Alternative alternative{text.substr(0, length), Relation::kNone, {}};
  const auto colon = alternative.name.rfind(':');
  if (colon == 0) return std::nullopt;
  if (colon != std::string_view::npos && alternative.name.substr(colon + 1) == architecture) {
    alternative.name = alternative.name.substr(0, colon);
  }
  auto rest = trim(text.substr(length));
  if (rest.empty()) return alternative;
  if (rest.size() < 3 || rest.front() != '(' || rest.back() != ')') return std::nullopt;
  rest = trim(rest.substr(1, rest.size() - 2));
  const auto relation = parse_relation(rest);
  alternative.version = trim(rest);
  if (!relation || alternative.version.empty() ||
      alternative.version.find_first_of(" \t\r\n()|,") != std::string_view::npos) {
    return std::nullopt;
  }
  alternative.relation = *relation;
  return alternative;
}

}  // namespace

Result<std::vector<Clause>> parse_dependencies(std::string_view field, std::string_view architecture) {
  std::vector<Clause> clauses;
  for (std::size_t at = 0; at < field.size();) {
    const auto comma = std::min(field.find(',', at), field.size());
    Clause clause{{}, trim(field.substr(at, comma - at))};
    at = comma + 1;
    if (clause.text.empty()) continue;  // apt and dpkg allow a comma too many
    for (std::size_t from = 0; from <= clause.text.size();) {
      const auto bar = std::min(clause.text.find('|', from), clause.text.size());
      const auto alternative = parse_alternative(clause.text.substr(from, bar - from), architecture);
      if (!alternative) {
        return fail(ErrorCode::kIntegrity, "\"" + plain_text(clause.text.substr(0, 200)) + "\" is not a dependency");
      }
      clause.alternatives.push_back(*alternative);
      from = bar + 1;
    }
    clauses.push_back(std::move(clause));
  }
  return clauses;
}

std::string plain_text(std::string_view clause) {
  std::string out;
  for (const auto word : split_words(clause)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

}  // namespace reburst::resolve
