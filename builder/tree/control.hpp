#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace reburst::tree {

// One stanza of a Debian control file (Debian Policy 5.1): fields in their order, continuation lines kept as written.
struct Stanza {
  std::vector<std::pair<std::string, std::string>> fields;

  // The field's value, or "" when it is not there. Names compare without case.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  // "Name: value\n" for each field.
  [[nodiscard]] std::string text() const;
};

// Parses exactly one stanza. `what` names the source in an error (kPackage).
[[nodiscard]] Result<Stanza> parse_stanza(std::string_view text, std::string_view what);

// One alternative of a relationship field: "name (>= 1.2)".
struct Relation {
  std::string name;
  std::string op;  // "", "<<", "<=", "=", ">=", ">>"
  std::string version;
};

// Groups separated by commas, alternatives by bars; architecture qualifiers and restrictions are dropped.
[[nodiscard]] std::vector<std::vector<Relation>> parse_relations(std::string_view field);

// Debian Policy 5.6.12: negative, zero or positive as `left` is older, equal or newer.
[[nodiscard]] int compare_versions(std::string_view left, std::string_view right);

// Whether `version` stands in `relation.op` to `relation.version`.
[[nodiscard]] bool satisfies(std::string_view version, const Relation& relation);

// Policy 5.6.1: at least two of a-z 0-9 + - . and the first a letter or a digit.
[[nodiscard]] bool valid_package_name(std::string_view name);

}  // namespace reburst::tree
