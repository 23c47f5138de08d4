#include "builder/resolve/pool.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <limits>
#include <unordered_map>

#include "builder/resolve/import.hpp"
#include "builder/resolve/libsolv.hpp"
#include "builder/resolve/mapping.hpp"
#include "builder/resolve/problems.hpp"
#include "builder/resolve/solv_file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::resolve {

namespace {

constexpr std::string_view kSolvKind = "solv";
constexpr std::string_view kSolvFormat = "reburst solv 2";  // part of the key: a new format never reads an old file
constexpr std::uint64_t kMaxSolv = 1U << 30U;

using Stream = Handle<FILE, &fclose>;
using SolverHandle = Handle<Solver, &solver_free>;

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
bool PackagePool::local(PackageId package) const {
  const auto& entry = state_->entries[static_cast<std::size_t>(package)];
  return !entry.text.empty() && entry.index == state_->mappings.size();
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
