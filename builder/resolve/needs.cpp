#include "builder/resolve/needs.hpp"

namespace reburst::resolve {

std::string describe(const Need& need) {
  constexpr auto kField = [](Need::Kind kind) -> std::string {
    switch (kind) {
      case Need::Kind::kPreDepends: return "Pre-Depends: ";
      case Need::Kind::kDepends: return "Depends: ";
      case Need::Kind::kConflicts: return "Conflicts: ";
      case Need::Kind::kBreaks: return "Breaks: ";
      case Need::Kind::kRecommends: return "Recommends: ";
    }
    return {};
  };
  return kField(need.kind) + plain_text(need.text);
}

const std::vector<Need>& NeedsReader::of(PackageId package) {
  const auto [found, inserted] = needs_.try_emplace(package);
  std::vector<Need>& needs = found->second;
  if (!inserted) return needs;
  const Stanza stanza = pool_.stanza(package);
  const auto add = [&](Need::Kind kind, std::string_view field) {
    const auto clauses = parse_dependencies(field, architecture_);
    for (const auto& clause : clauses.value()) {
      Need need{kind, clause.text, {}, {}};
      for (const auto& alternative : clause.alternatives) {
        need.names.push_back(alternative.name);
        need.alternatives.push_back(pool_.dependency(alternative));
      }
      needs.push_back(std::move(need));
    }
  };
  add(Need::Kind::kPreDepends, stanza.pre_depends);
  add(Need::Kind::kDepends, stanza.depends);
  add(Need::Kind::kConflicts, stanza.conflicts);
  add(Need::Kind::kBreaks, stanza.breaks);
  add(Need::Kind::kRecommends, stanza.recommends);
  return needs;
}

}  // namespace reburst::resolve
