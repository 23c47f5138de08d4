// links: reburst_resolve
// Hostile indexes: every stanza is cut and read, and what a dependency field gives are views into it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string_view>

#include "builder/resolve/dependency.hpp"
#include "builder/resolve/stanza.hpp"

namespace {

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() || (!std::less<>()(part.data(), whole.data()) &&
                          !std::less<>()(whole.data() + whole.size(), part.data() + part.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  reburst::resolve::StanzaReader reader(text);
  while (const auto stanza = reader.next()) {
    if (stanza->empty() || !inside(*stanza, text)) std::abort();
    const auto fields = reburst::resolve::read_stanza(*stanza);
    for (const auto field : {fields.depends, fields.conflicts, fields.provides}) {
      if (!inside(field, *stanza)) std::abort();
      const auto clauses = reburst::resolve::parse_dependencies(field, "amd64");
      if (!clauses) continue;
      for (const auto& clause : *clauses) {
        if (clause.alternatives.empty()) std::abort();
        for (const auto& one : clause.alternatives) {
          if (one.name.empty() || !inside(one.name, field) || !inside(one.version, field)) std::abort();
          if ((one.relation == reburst::resolve::Relation::kNone) != one.version.empty()) std::abort();
        }
      }
    }
  }
  return 0;
}
