#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "builder/resolve/libsolv.hpp"
#include "builder/resolve/stanza.hpp"
#include "core/result.hpp"

namespace reburst::resolve {

// Fills solvables from stanzas.
class StanzaImporter {
 public:
  StanzaImporter(Repo* repo, std::string_view architecture) : repo_(repo), architecture_(architecture) {}

  // The new package's id; 0 for a package of another architecture.
  [[nodiscard]] Result<Id> add(std::string_view text);

 private:
  Result<Id> fill(const Stanza& stanza);
  void add_any(Solvable& solvable, const Stanza& stanza, const std::vector<Clause>& provides);
  Result<std::vector<Clause>> parse(std::string_view field) { return parse_dependencies(field, architecture_); }
  void append(Offset& list, const std::vector<Clause>& clauses);

  Repo* repo_;
  std::string_view architecture_;
};

// The `.solv` of an index, with its records behind it.
[[nodiscard]] Result<std::string> make_solv(std::string_view index, const std::string& architecture);

}  // namespace reburst::resolve
