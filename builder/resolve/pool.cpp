#include "builder/resolve/pool.hpp"

// A field of libsolv's Solvable is called `requires`, which C++20 reserves; this gives it another name.
#define LIBSOLV_SOLVABLE_PREPEND_DEP
extern "C" {
#include <solv/evr.h>
#include <solv/pool.h>
#include <solv/repo.h>
#include <solv/repo_solv.h>
#include <solv/repo_write.h>
#include <solv/solver.h>
}
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <limits>
#include <unordered_map>

#include "builder/resolve/mapping.hpp"
#include "builder/resolve/solv_file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::resolve {

namespace {

constexpr std::string_view kSolvKind = "solv";
constexpr std::string_view kSolvFormat = "reburst solv 2";  // part of the key: a new format never reads an old file
constexpr std::uint64_t kMaxSolv = 1U << 30U;

using Stream = Handle<FILE, &fclose>;
using PoolHandle = Handle<Pool, &pool_free>;
using SolverHandle = Handle<Solver, &solver_free>;

// libsolv's Queue as a value.
struct IdQueue {
  Queue queue{};
  IdQueue() { queue_init(&queue); }
  IdQueue(const IdQueue&) = delete;
  IdQueue& operator=(const IdQueue&) = delete;
  IdQueue(IdQueue&&) = delete;
  IdQueue& operator=(IdQueue&&) = delete;
  ~IdQueue() { queue_free(&queue); }
};

Id string_id(Pool* pool, std::string_view text) {
  return pool_strn2id(pool, text.data(), static_cast<unsigned>(text.size()), 1);
}

int relation_flags(Relation relation) {
  switch (relation) {
    case Relation::kNone: return 0;
    case Relation::kEarlier: return REL_LT;
    case Relation::kEarlierEqual: return REL_LT | REL_EQ;
    case Relation::kEqual: return REL_EQ;
    case Relation::kLaterEqual: return REL_GT | REL_EQ;
    case Relation::kLater: return REL_GT;
  }
  return 0;
}

Id alternative_id(Pool* pool, const Alternative& alternative) {
  const Id name = string_id(pool, alternative.name);
  if (alternative.relation == Relation::kNone) return name;
  return pool_rel2id(pool, name, string_id(pool, alternative.version), relation_flags(alternative.relation), 1);
}

Id clause_id(Pool* pool, const Clause& clause) {
  Id id = 0;
  for (auto at = clause.alternatives.rbegin(); at != clause.alternatives.rend(); ++at) {
    const Id one = alternative_id(pool, *at);
    id = id == 0 ? one : pool_rel2id(pool, one, id, REL_OR, 1);
  }
  return id;
}

std::string dependency_text(Pool* pool, Id dependency) {
  if (!ISRELDEP(dependency)) return pool_id2str(pool, dependency);
  const Reldep* relation = GETRELDEP(pool, dependency);
  auto left = dependency_text(pool, relation->name);
  const auto right = dependency_text(pool, relation->evr);
  switch (relation->flags) {
    case REL_OR: return left + " | " + right;
    case REL_LT: return left + " (<< " + right + ")";
    case REL_LT | REL_EQ: return left + " (<= " + right + ")";
    case REL_EQ: return left + " (= " + right + ")";
    case REL_GT | REL_EQ: return left + " (>= " + right + ")";
    case REL_GT: return left + " (>> " + right + ")";
    default: return left;
  }
}

constexpr std::string_view kBrokenIndexHint = "tell the archive's maintainer, or use another archive";

// Fills solvables from stanzas.
class StanzaImporter {
 public:
  StanzaImporter(Repo* repo, std::string_view architecture) : repo_(repo), architecture_(architecture) {}

  // The new package's id; 0 for a package of another architecture.
  Result<Id> add(std::string_view text) {
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

 private:
  Result<Id> fill(const Stanza& stanza) {
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
  void add_any(Solvable& solvable, const Stanza& stanza, const std::vector<Clause>& provides) {
    const auto provide = [&](std::string_view name, std::string_view version) {
      const std::string any = std::string(name) + ":any";
      const Alternative one{any, version.empty() ? Relation::kNone : Relation::kEqual, version};
      solvable.dep_provides = repo_addid(repo_, solvable.dep_provides, alternative_id(repo_->pool, one));
    };
    provide(stanza.package, stanza.version);
    for (const auto& clause : provides) provide(clause.alternatives[0].name, clause.alternatives[0].version);
  }

  Result<std::vector<Clause>> parse(std::string_view field) { return parse_dependencies(field, architecture_); }

  void append(Offset& list, const std::vector<Clause>& clauses) {
    for (const auto& clause : clauses) list = repo_addid(repo_, list, clause_id(repo_->pool, clause));
  }

  Repo* repo_;
  std::string_view architecture_;
};

PoolHandle make_pool(const std::string& architecture) {
  PoolHandle pool(pool_create());
  pool_setdisttype(pool.get(), DISTTYPE_DEB);
  pool_setarchpolicy(pool.get(), architecture.c_str());
  return pool;
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

Digest solv_key(const source::Index& index, const std::string& architecture) {
  return sha256(std::string(kSolvFormat) + "\n" + architecture + "\n" + index.digest.hex() + "\n");
}

// Policy 5.6.12, of the part after the epoch: dpkg takes no other into its database.
bool begins_with_digit(std::string_view version) {
  if (const auto colon = version.find(':'); colon != std::string_view::npos) version.remove_prefix(colon + 1);
  return !version.empty() && version.front() >= '0' && version.front() <= '9';
}

}  // namespace

struct PackagePool::State {
  std::string architecture;
  std::vector<Mapping> mappings;  // one per index
  std::deque<std::string> texts;  // stanzas of local packages
  struct Entry {
    std::string_view text;
    std::uint32_t index = 0, rank = 0;
    bool essential = false;
  };
  std::vector<Entry> entries;          // by PackageId
  std::vector<PackageId> first, next;  // versions of a name: first[name], then next[package]
  std::unordered_map<Id, std::uint64_t> ranks;
  Map considered{};
  PoolHandle pool;  // freed before what its considered map points to

  State() { map_init(&considered, 0); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;
  ~State() {
    if (pool) pool->considered = nullptr;
    map_free(&considered);
  }

  Result<> add_index(const source::Archive& archive, std::size_t position, cache::Cache& cache);
  bool read_solv(const SolvView& file, std::size_t position);
  void link(PackageId package);
  [[nodiscard]] Solvable& solvable(PackageId package) const { return *pool_id2solvable(pool.get(), package); }
};

Result<> PackagePool::State::add_index(const source::Archive& archive, std::size_t position, cache::Cache& cache) {
  const auto& index = archive.indexes[position];
  const auto reading = "reading the index \"" + source::index_name(archive, position) + "\"";
  mappings.push_back(REBURST_TRY(with_context(Mapping::open(index.file, index.size), reading)));
  const Digest key = solv_key(index, architecture);
  const auto cached = cache.read_derived(kSolvKind, key, kMaxSolv);
  if (cached && *cached) {
    const auto view = SolvView::open(**cached);
    if (view && read_solv(*view, position)) return {};
  }
  const std::string made = REBURST_TRY(with_context(make_solv(mappings.back().text(), architecture), reading));
  REBURST_TRY(cache.write_derived(kSolvKind, key, made));
  if (!read_solv(SolvView::open(made).value(), position)) {
    return fail(ErrorCode::kInternal, "cannot read back the .solv of an index");
  }
  return {};
}

// False, with the pool as before, when it is not such a file.
bool PackagePool::State::read_solv(const SolvView& file, std::size_t position) {
  std::vector<char> buffer(1U << 18U);
  const Stream stream(fmemopen(const_cast<char*>(file.solv().data()), file.solv().size(), "r"));
  if (!stream) return false;
  setvbuf(stream.get(), buffer.data(), _IOFBF, buffer.size());
  Repo* repo = repo_create(pool.get(), "index");
  if (repo_add_solv(repo, stream.get(), 0) != 0 || static_cast<std::size_t>(repo->nsolvables) != file.size()) {
    repo_free(repo, 1);
    return false;
  }
  const auto text = mappings.back().text();
  entries.resize(static_cast<std::size_t>(pool->nsolvables));
  auto entry = entries.begin() + repo->start;
  for (std::size_t at = 0; at < file.size(); ++at) {
    const Record record = file.record(at);
    *entry++ = {text.substr(std::min<std::size_t>(record.offset, text.size()), record.length),
                static_cast<std::uint32_t>(position), record.rank, (record.flags & kEssential) != 0};
  }
  for (Id id = repo->start; id < repo->end; ++id) link(id);
  return true;
}

void PackagePool::State::link(PackageId package) {
  const auto name = static_cast<std::size_t>(solvable(package).name);
  if (first.size() <= name)
    first.resize(std::max<std::size_t>(name + 1, static_cast<std::size_t>(pool->ss.nstrings)), 0);
  if (next.size() <= static_cast<std::size_t>(package)) next.resize(static_cast<std::size_t>(pool->nsolvables), 0);
  next[static_cast<std::size_t>(package)] = std::exchange(first[name], package);
}

PackagePool::PackagePool(std::unique_ptr<State> state) : state_(std::move(state)) {}
PackagePool::PackagePool(PackagePool&&) noexcept = default;
PackagePool& PackagePool::operator=(PackagePool&&) noexcept = default;
PackagePool::~PackagePool() = default;

Result<PackagePool> PackagePool::load(const source::Archive& archive, cache::Cache& cache) {
  auto state = std::make_unique<State>();
  state->architecture = archive.architecture;
  state->pool = make_pool(archive.architecture);
  for (std::size_t i = 0; i < archive.indexes.size(); ++i) REBURST_TRY(state->add_index(archive, i, cache));
  return PackagePool(std::move(state));
}

Result<PackageId> PackagePool::add_local(const std::string& stanza) {
  State& state = *state_;
  const auto& text = state.texts.emplace_back(stanza);
  const auto version = read_stanza(text).version;
  if (!begins_with_digit(version))
    return fail(ErrorCode::kPackage, "its version \"" + std::string(version) + "\" does not begin with a digit");
  StanzaImporter importer(repo_create(state.pool.get(), "local"), state.architecture);
  const Id id = REBURST_TRY(importer.add(text));
  if (id == 0) {
    return fail(ErrorCode::kPackage, "it is for the architecture \"" + std::string(read_stanza(text).architecture) +
                                         "\" instead of \"" + state.architecture + "\"");
  }
  state.entries.resize(static_cast<std::size_t>(state.pool->nsolvables));
  state.entries[static_cast<std::size_t>(id)] = {text, static_cast<std::uint32_t>(state.mappings.size()), 0,
                                                 read_stanza(text).essential == "yes"};
  state.link(id);
  return id;
}

PackageId PackagePool::add_provided(const std::vector<std::string>& names) {
  State& state = *state_;
  Repo* repo = repo_create(state.pool.get(), "provided");
  const Id id = repo_add_solvable(repo);
  Solvable& solvable = state.solvable(id);
  solvable.name = string_id(state.pool.get(), "reburst provided");  // a blank: no package of an archive is called so
  solvable.evr = string_id(state.pool.get(), "0");
  solvable.arch = ARCH_ALL;
  for (const auto& name : names) {
    solvable.dep_provides = repo_addid(repo, solvable.dep_provides, string_id(state.pool.get(), name));
  }
  state.entries.resize(static_cast<std::size_t>(state.pool->nsolvables));
  state.link(id);
  return id;
}

PackageId PackagePool::end() const {
  return state_->pool->nsolvables;
}

std::size_t PackagePool::name_number(PackageId package) const {
  return static_cast<std::size_t>(state_->solvable(package).name);
}
std::size_t PackagePool::name_count() const {
  return state_->first.size();
}

std::string_view PackagePool::name(PackageId package) const {
  return pool_id2str(state_->pool.get(), state_->solvable(package).name);
}
std::string_view PackagePool::version(PackageId package) const {
  return pool_id2str(state_->pool.get(), state_->solvable(package).evr);
}
std::string_view PackagePool::architecture(PackageId package) const {
  return pool_id2str(state_->pool.get(), state_->solvable(package).arch);
}
std::size_t PackagePool::index(PackageId package) const {
  return state_->entries[static_cast<std::size_t>(package)].index;
}
bool PackagePool::essential(PackageId package) const {
  return state_->entries[static_cast<std::size_t>(package)].essential;
}
Stanza PackagePool::stanza(PackageId package) const {
  return read_stanza(state_->entries[static_cast<std::size_t>(package)].text);
}

std::uint64_t PackagePool::rank(PackageId package) const {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  for (PackageId at = state_->first[static_cast<std::size_t>(state_->solvable(package).name)]; at != 0;
       at = state_->next[static_cast<std::size_t>(at)]) {
    const auto& entry = state_->entries[static_cast<std::size_t>(at)];
    lowest = std::min(lowest, std::uint64_t{entry.index} << 32U | entry.rank);
  }
  return lowest;
}

std::vector<PackageId> PackagePool::versions(std::string_view name) const {
  std::vector<PackageId> out;
  const auto id =
      static_cast<std::size_t>(pool_strn2id(state_->pool.get(), name.data(), static_cast<unsigned>(name.size()), 0));
  for (PackageId at = id < state_->first.size() ? state_->first[id] : 0; at != 0;
       at = state_->next[static_cast<std::size_t>(at)]) {
    out.push_back(at);
  }
  std::sort(out.begin(), out.end());
  return out;
}

int PackagePool::compare_versions(PackageId a, PackageId b) const {
  return pool_evrcmp(state_->pool.get(), state_->solvable(a).evr, state_->solvable(b).evr, EVRCMP_COMPARE);
}

std::vector<std::string_view> PackagePool::names() const {
  std::vector<std::string_view> out;
  for (std::size_t id = 0; id < state_->first.size(); ++id) {
    if (state_->first[id] != 0) out.emplace_back(pool_id2str(state_->pool.get(), static_cast<Id>(id)));
  }
  return out;
}

void PackagePool::restrict_to(const std::vector<bool>& packages) {
  Pool* pool = state_->pool.get();
  map_free(&state_->considered);
  map_init(&state_->considered, pool->nsolvables);
  for (std::size_t id = 0; id < packages.size(); ++id) {
    if (packages[id]) map_set(&state_->considered, static_cast<int>(id));
  }
  pool->considered = &state_->considered;
  pool_freewhatprovides(pool);
  pool_createwhatprovides(pool);
}

DependencyId PackagePool::dependency(const Alternative& alternative) {
  return alternative_id(state_->pool.get(), alternative);
}

std::vector<PackageId> PackagePool::providers(DependencyId dependency) {
  std::vector<PackageId> out;
  for (const Id* at = pool_whatprovides_ptr(state_->pool.get(), dependency); *at != 0; ++at) {
    if (*at > SYSTEMSOLVABLE) out.push_back(*at);
  }
  return out;
}

namespace {

SolverProblem::Rule read_rule(Solver* solver, Id rule) {
  SolverProblem::Rule out;
  const auto kind = solver_ruleinfo(solver, rule, &out.source, &out.target, &out.dependency);
  switch (kind) {
    case SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP: out.kind = SolverProblem::Kind::kNothingProvides; break;
    case SOLVER_RULE_PKG_REQUIRES: out.kind = SolverProblem::Kind::kRequires; break;
    case SOLVER_RULE_PKG_CONFLICTS: out.kind = SolverProblem::Kind::kConflicts; break;
    case SOLVER_RULE_PKG_SELF_CONFLICT: out.kind = SolverProblem::Kind::kSelfConflict; break;
    case SOLVER_RULE_PKG_SAME_NAME: out.kind = SolverProblem::Kind::kSameName; break;
    case SOLVER_RULE_JOB: out.kind = SolverProblem::Kind::kRequested; break;
    default: out.kind = SolverProblem::Kind::kOther; break;
  }
  if (out.dependency != 0) out.text = dependency_text(solver->pool, out.dependency);
  return out;
}

SolverProblem::Change read_solution(Solver* solver, Id problem, Id solution) {
  SolverProblem::Change change;
  Id element = 0;
  Id what = 0;
  Id job = 0;
  while ((element = solver_next_solutionelement(solver, problem, solution, element, &what, &job)) != 0) {
    if (what != SOLVER_SOLUTION_JOB) continue;
    const Id how = solver->job.elements[job - 1];
    auto& list = (how & SOLVER_JOBMASK) == SOLVER_LOCK ? change.allowed : change.not_requested;
    list.push_back(solver->job.elements[job]);
  }
  return change;
}

std::vector<SolverProblem> read_problems(Solver* solver) {
  std::vector<SolverProblem> problems;
  for (Id id = 1; id <= static_cast<Id>(solver_problem_count(solver)); ++id) {
    SolverProblem problem;
    problem.main = read_rule(solver, solver_findproblemrule(solver, id));
    IdQueue rules;
    solver_findallproblemrules(solver, id, &rules.queue);
    for (int i = 0; i < rules.queue.count; ++i) problem.rules.push_back(read_rule(solver, rules.queue.elements[i]));
    for (Id solution = 1; solution <= static_cast<Id>(solver_solution_count(solver, id)); ++solution) {
      problem.solutions.push_back(read_solution(solver, id, solution));
    }
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace

SolveOutcome PackagePool::solve(const SolveRequest& request) {
  IdQueue jobs;
  const auto add = [&](int how, const std::vector<PackageId>& packages) {
    for (const auto package : packages) queue_push2(&jobs.queue, how | SOLVER_SOLVABLE, package);
  };
  add(SOLVER_INSTALL, request.install);
  add(SOLVER_LOCK, request.excluded);
  add(SOLVER_FAVOR, request.favoured);
  const SolverHandle solver(solver_create(state_->pool.get()));
  solver_set_flag(solver.get(), SOLVER_FLAG_IGNORE_RECOMMENDED, request.recommends ? 0 : 1);
  if (solver_solve(solver.get(), &jobs.queue) != 0) return read_problems(solver.get());
  IdQueue decisions;
  solver_get_decisionqueue(solver.get(), &decisions.queue);
  std::vector<PackageId> chosen;
  for (int i = 0; i < decisions.queue.count; ++i) {
    if (decisions.queue.elements[i] > SYSTEMSOLVABLE) chosen.push_back(decisions.queue.elements[i]);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace reburst::resolve
