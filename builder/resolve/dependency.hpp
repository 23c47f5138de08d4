#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::resolve {

// How a dependency restricts the version (Debian Policy 7.1). The old "<" and ">" mean "<=" and ">=", as for dpkg.
enum class Relation { kNone, kEarlier, kEarlierEqual, kEqual, kLaterEqual, kLater };

// One name of `a | b`, as views into the stanza. A ":any" stays part of the name, as packages that allow it provide it;
// the native architecture's qualifier is dropped.
struct Alternative {
  std::string_view name;
  Relation relation = Relation::kNone;
  std::string_view version;
};

// One member of a comma separated list: at least one of its alternatives is wanted (or, for Conflicts, its only one
// unwanted).
struct Clause {
  std::vector<Alternative> alternatives;
  std::string_view text;  // as the package writes it
};

// Parses the value of a Depends, Conflicts, Provides… field. kIntegrity, quoting the clause, when it is not one.
[[nodiscard]] Result<std::vector<Clause>> parse_dependencies(std::string_view field, std::string_view architecture);

// The clause on one line with single blanks, for a message.
[[nodiscard]] std::string plain_text(std::string_view clause);

}  // namespace reburst::resolve
