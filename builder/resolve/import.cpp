#include "builder/resolve/import.hpp"

#include <cstdio>
#include <cstdlib>

#include "builder/resolve/solv_file.hpp"
#include "core/text.hpp"

namespace reburst::resolve {

namespace {

using Stream = Handle<FILE, &fclose>;

constexpr std::string_view kBrokenIndexHint = "tell the archive's maintainer, or use another archive";

}  // namespace

Result<Id> StanzaImporter::add(std::string_view text) {
  const Stanza stanza = read_stanza(text);
  if (stanza.package.empty() || stanza.version.empty()) {
    return fail(ErrorCode::kIntegrity,
                "a package has no name or no version: \"" + plain_text(text.substr(0, 120)) + "\"",
                std::string(kBrokenIndexHint));
  }
  if (stanza.architecture != architecture_ && stanza.architecture != "all") return 0;
  auto filled = fill(stanza);
  if (!filled) {
    return fail(ErrorCode::kIntegrity,
                "the package \"" + std::string(stanza.package) + "\" (" + std::string(stanza.version) +
                    ") cannot be read: " + filled.error().message,
                std::string(kBrokenIndexHint));
  }
  return *filled;
}

Result<Id> StanzaImporter::fill(const Stanza& stanza) {
  // Fields in apt's own order: it is the order in which names get their rank.
  const auto requires_first = REBURST_TRY(parse(stanza.pre_depends));
  const auto depends = REBURST_TRY(parse(stanza.depends));
  const auto conflicts = REBURST_TRY(parse(stanza.conflicts));
  const auto breaks = REBURST_TRY(parse(stanza.breaks));
  const auto recommends = REBURST_TRY(parse(stanza.recommends));
  const auto provides = REBURST_TRY(parse(stanza.provides));
  Pool* pool = repo_->pool;
  const Id id = repo_add_solvable(repo_);
  Solvable* solvable = pool_id2solvable(pool, id);
  solvable->name = string_id(pool, stanza.package);
  solvable->evr = string_id(pool, stanza.version);
  solvable->arch = string_id(pool, stanza.architecture);
  append(solvable->dep_requires, requires_first);
  append(solvable->dep_requires, depends);
  append(solvable->dep_conflicts, conflicts);
  append(solvable->dep_conflicts, breaks);
  append(solvable->dep_recommends, recommends);
  append(solvable->dep_provides, provides);
  const Id self = pool_rel2id(pool, solvable->name, solvable->evr, REL_EQ, 1);
  solvable->dep_provides = repo_addid(repo_, solvable->dep_provides, self);
  if (stanza.multi_arch == "allowed") add_any(*solvable, stanza, provides);
  return id;
}

// "python3:any" is satisfied only by a python3 that is "Multi-Arch: allowed".
void StanzaImporter::add_any(Solvable& solvable, const Stanza& stanza, const std::vector<Clause>& provides) {
  const auto provide = [&](std::string_view name, std::string_view version) {
    const std::string any = std::string(name) + ":any";
    const Alternative one{any, version.empty() ? Relation::kNone : Relation::kEqual, version};
    solvable.dep_provides = repo_addid(repo_, solvable.dep_provides, alternative_id(repo_->pool, one));
  };
  provide(stanza.package, stanza.version);
  for (const auto& clause : provides) provide(clause.alternatives[0].name, clause.alternatives[0].version);
}

void StanzaImporter::append(Offset& list, const std::vector<Clause>& clauses) {
  for (const auto& clause : clauses) list = repo_addid(repo_, list, clause_id(repo_->pool, clause));
}

// The `.solv` of an index, with its records behind it.
Result<std::string> make_solv(std::string_view index, const std::string& architecture) {
  const PoolHandle pool = make_pool(architecture);
  Repo* repo = repo_create(pool.get(), "index");
  StanzaImporter importer(repo, architecture);
  Ranking ranking;
  std::vector<Record> records;
  StanzaReader reader(index);
  while (const auto text = reader.next()) {
    const Stanza stanza = read_stanza(*text);
    ranking.meet(stanza);
    if (REBURST_TRY(importer.add(*text)) == 0) continue;
    records.push_back({static_cast<std::uint32_t>(text->data() - index.data()),
                       static_cast<std::uint32_t>(text->size()), ranking.rank(stanza.package),
                       stanza.essential == "yes" ? kEssential : 0});
  }
  char* buffer = nullptr;
  std::size_t size = 0;
  Stream stream(open_memstream(&buffer, &size));
  const int status = stream ? repo_write(repo, stream.get()) : 1;
  stream.reset();
  const Handle<char, &free> owned(buffer);
  if (status != 0 || size == 0)
    return fail(ErrorCode::kInternal, "cannot write an index as .solv: " + std::string(pool_errstr(pool.get())));
  return pack_solv(std::string(buffer, size), records);
}

}  // namespace reburst::resolve
