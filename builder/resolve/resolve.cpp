#include "builder/resolve/resolve.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "builder/resolve/explain.hpp"
#include "builder/resolve/local_package.hpp"
#include "builder/resolve/pool.hpp"
#include "builder/resolve/prune.hpp"
#include "builder/resolve/walk.hpp"
#include "core/text.hpp"

namespace reburst::resolve {

namespace {

struct Local {
  std::string file_name;
  LocalPackage package;
};

// The request in terms of the pool.
struct Plan {
  std::map<PackageId, Local> locals;
  std::optional<PackageId> provided;
  std::vector<PackageId> requested;           // in the recipe's order
  std::map<PackageId, std::string> virtuals;  // the reason of those that stand for a virtual name
  std::vector<PackageId> essential;           // by name
  std::vector<bool> candidates;               // the one version of each name that may be installed
  std::vector<PackageId> excluded;
  std::vector<Unsolvable::Problem> problems;

  [[nodiscard]] std::vector<PackageId> roots() const {
    auto out = requested;
    for (const auto package : essential) {
      if (std::find(out.begin(), out.end(), package) == out.end()) out.push_back(package);
    }
    return out;
  }
  [[nodiscard]] std::vector<PackageId> present() const {
    return provided ? std::vector<PackageId>{*provided} : std::vector<PackageId>{};
  }
};

Result<> add_locals(Plan& plan, const Request& request, PackagePool& pool) {
  std::set<std::string, std::less<>> names;
  for (const auto& file : request.local) {
    Local local{file.filename().string(), REBURST_TRY(read_local_package(file))};
    const auto added = pool.add_local(local.package.control);
    if (!added) {
      return fail(ErrorCode::kPackage, "cannot use the package \"" + local.file_name + "\": " + added.error().message,
                  "build it again, or take it out of packages.local");
    }
    if (!names.emplace(pool.name(*added)).second) {
      return fail(ErrorCode::kPackage, "packages.local has two packages \"" + std::string(pool.name(*added)) + "\"",
                  "keep the one that the image should hold");
    }
    const std::string name(pool.name(*added));
    if (std::ranges::find(request.exclude, name) != request.exclude.end()) plan.problems.push_back(excluded_name(name));
    plan.locals.emplace(*added, std::move(local));
    plan.requested.push_back(*added);
  }
  return {};
}

// As apt's policy does: the suite's priority first, then the higher version, then the earlier index. A local package
// goes before any.
void choose_candidates(Plan& plan, const PackagePool& pool, const source::Archive& archive) {
  plan.candidates.assign(static_cast<std::size_t>(pool.end()), false);
  const auto priority = [&](PackageId package) {
    if (package == plan.provided || plan.locals.contains(package)) return std::numeric_limits<int>::max();
    return archive.releases[archive.indexes[pool.index(package)].release].priority;
  };
  std::vector<PackageId> best(pool.name_count(), 0);
  for (PackageId package = kFirstPackage; package < pool.end(); ++package) {
    if (pool.name_number(package) == 0) continue;  // a number that holds no package
    auto& champion = best[pool.name_number(package)];
    const int lead = champion == 0 ? 1 : priority(package) - priority(champion);
    if (lead > 0 || (lead == 0 && pool.compare_versions(package, champion) > 0)) champion = package;
  }
  for (const auto package : best) plan.candidates[static_cast<std::size_t>(package)] = package != 0;
}

void exclude(Plan& plan, const Request& request, const PackagePool& pool) {
  for (const auto& name : request.exclude) {
    for (const auto package : pool.versions(name)) {
      if (plan.candidates[static_cast<std::size_t>(package)]) plan.excluded.push_back(package);
    }
  }
}

bool excluded(const Plan& plan, PackageId package) {
  return std::find(plan.excluded.begin(), plan.excluded.end(), package) != plan.excluded.end();
}

// The recipe asks for exactly this version: it becomes the candidate.
std::optional<PackageId> pick_version(Plan& plan, const PackagePool& pool, const std::vector<PackageId>& versions,
                                      std::string_view version) {
  const auto wanted =
      std::find_if(versions.begin(), versions.end(), [&](auto one) { return pool.version(one) == version; });
  if (wanted == versions.end()) return std::nullopt;
  for (const auto package : versions) plan.candidates[static_cast<std::size_t>(package)] = package == *wanted;
  return *wanted;
}

PackageId candidate_of(const Plan& plan, const std::vector<PackageId>& versions) {
  return *std::find_if(versions.begin(), versions.end(),
                       [&](auto one) { return plan.candidates[static_cast<std::size_t>(one)]; });
}

void request_name(Plan& plan, const Request& request, PackagePool& pool, const std::string& entry) {
  const auto equals = entry.find('=');
  const std::string name = entry.substr(0, equals);
  const auto versions = pool.versions(name);
  if (versions.empty()) return;  // virtual or unknown: told once the candidates stand
  PackageId package = candidate_of(plan, versions);
  const auto local = std::find_if(versions.begin(), versions.end(), [&](auto one) { return pool.local(one); });
  if (equals != std::string::npos && local != versions.end()) {
    if (pool.version(*local) != entry.substr(equals + 1))
      plan.problems.push_back(shadowed_version(pool, entry, *local));
    return;  // requested already
  }
  if (equals != std::string::npos) {
    const auto picked = pick_version(plan, pool, versions, entry.substr(equals + 1));
    if (!picked) {
      plan.problems.push_back(unknown_version(pool, name, entry.substr(equals + 1), versions));
      return;
    }
    package = *picked;
  }
  if (std::find(request.exclude.begin(), request.exclude.end(), name) != request.exclude.end()) {
    plan.problems.push_back(excluded_name(name));
    return;
  }
  plan.requested.push_back(package);
}

// A name that no package bears: its only provider is taken, several are refused.
void request_virtual(Plan& plan, const Request& request, PackagePool& pool, const std::string& entry) {
  const std::string name = entry.substr(0, entry.find('='));
  if (!pool.versions(name).empty()) return;
  if (std::find(request.provided.begin(), request.provided.end(), name) != request.provided.end()) return;
  auto providers = pool.providers(pool.dependency({name, Relation::kNone, {}}));
  std::erase_if(providers, [&](auto one) { return excluded(plan, one); });
  if (providers.empty() || entry.find('=') != std::string::npos) {
    plan.problems.push_back(unknown_name(pool, name));
  } else if (providers.size() > 1) {
    plan.problems.push_back(virtual_name(pool, name, providers));
  } else {
    plan.requested.push_back(providers.front());
    auto& reason = plan.virtuals[providers.front()];
    reason += (reason.empty() ? "Provides: " : ", ") + name;
  }
}

std::vector<bool> allowed(const Plan& plan) {
  auto out = plan.candidates;
  for (const auto package : plan.excluded) out[static_cast<std::size_t>(package)] = false;
  return out;
}

Result<Plan> make_plan(const Request& request, const source::Archive& archive, PackagePool& pool) {
  Plan plan;
  REBURST_TRY(add_locals(plan, request, pool));
  if (!request.provided.empty()) plan.provided = pool.add_provided(request.provided);
  choose_candidates(plan, pool, archive);
  for (const auto& entry : request.install) request_name(plan, request, pool, entry);
  exclude(plan, request, pool);
  pool.restrict_to(allowed(plan));
  for (const auto& entry : request.install) request_virtual(plan, request, pool, entry);
  for (PackageId package = kFirstPackage; request.essential && package < pool.end(); ++package) {
    if (plan.candidates[static_cast<std::size_t>(package)] && pool.essential(package) && !excluded(plan, package)) {
      plan.essential.push_back(package);
    }
  }
  std::sort(plan.essential.begin(), plan.essential.end(), [&](auto a, auto b) { return pool.name(a) < pool.name(b); });
  return plan;
}

std::vector<bool> only(const std::vector<PackageId>& packages, PackageId end) {
  std::vector<bool> out(static_cast<std::size_t>(end), false);
  for (const auto package : packages) out[static_cast<std::size_t>(package)] = true;
  return out;
}

// The walked set where it holds, else the nearest one that does. The pool is left restricted to the result.
std::variant<std::vector<PackageId>, std::vector<SolverProblem>> prove_or_repair(PackagePool& pool, const Plan& plan,
                                                                                 const std::vector<PackageId>& walked,
                                                                                 bool recommends) {
  pool.restrict_to(only(walked, pool.end()));
  auto proven = pool.solve({walked, {}, {}, false});
  if (std::holds_alternative<std::vector<PackageId>>(proven)) return proven;
  pool.restrict_to(plan.candidates);
  auto install = plan.roots();
  if (plan.provided) install.push_back(*plan.provided);
  auto repaired = pool.solve({install, plan.excluded, walked, recommends});
  if (const auto* set = std::get_if<std::vector<PackageId>>(&repaired)) pool.restrict_to(only(*set, pool.end()));
  return repaired;
}

// What goes into a lock and onto a terminal is plain ASCII, as Policy has it for all of these. The field that is not.
const char* unprintable(const Package& package) {
  const auto plain = [](const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char one) { return one >= ' ' && one <= '~'; });
  };
  if (!plain(package.name)) return "Package";
  if (!plain(package.version)) return "Version";
  if (!plain(package.priority)) return "Priority";
  if (!plain(package.source)) return "Source";
  if (!plain(package.path)) return "Filename";
  return plain(package.reason) ? nullptr : "dependency";
}

Result<Package> describe(const PackagePool& pool, const Plan& plan, const Kept& kept, const source::Archive& archive) {
  const Stanza stanza = pool.stanza(kept.package);
  Package out;
  out.name = pool.name(kept.package);
  out.version = pool.version(kept.package);
  out.architecture = pool.architecture(kept.package);
  out.index = pool.index(kept.package);
  out.priority = stanza.priority;
  out.source = stanza.source.empty() ? out.name : plain_text(stanza.source);
  out.essential = pool.essential(kept.package);
  out.requested = std::find(plan.requested.begin(), plan.requested.end(), kept.package) != plan.requested.end();
  out.reason = !kept.reason.empty() || out.requested ? kept.reason : "Essential: yes";
  if (const auto names = plan.virtuals.find(kept.package); names != plan.virtuals.end()) out.reason = names->second;
  if (kept.required_by != 0) out.required_by = pool.name(kept.required_by);
  if (const auto local = plan.locals.find(kept.package); local != plan.locals.end()) {
    out.path = local->second.file_name;
    out.size = local->second.package.size;
    out.sha256 = local->second.package.sha256;
    if (const char* field = unprintable(out)) {
      return fail(
          ErrorCode::kPackage,
          "cannot use the package \"" + out.path + "\": its " + field + " has characters that are not printable ASCII",
          "build it again, or take it out of packages.local");
    }
    return out;
  }
  const auto size = parse_decimal(stanza.size);
  const auto digest = Digest::parse(stanza.sha256);
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kIntegrity,
                "cannot use the package \"" + out.name + "\" (" + out.version + ") of the index \"" +
                    source::index_name(archive, out.index) + "\": " + why,
                "tell the archive's maintainer, or exclude the package");
  };
  if (stanza.filename.empty() || !size || !digest) return refuse("it has no Filename, Size or SHA256");
  out.path = stanza.filename;
  out.size = *size;
  out.sha256 = *digest;
  if (const char* field = unprintable(out))
    return refuse(std::string("its ") + field + " has characters that are not printable ASCII");
  if (!stays_beneath(out.path)) return refuse("its Filename \"" + out.path + "\" leads out of the mirror");
  return out;
}

}  // namespace

Result<Outcome> resolve(const Request& request, const source::Archive& archive, cache::Cache& cache) {
  PackagePool pool = REBURST_TRY(PackagePool::load(archive, cache));
  const Plan plan = REBURST_TRY(make_plan(request, archive, pool));
  if (!plan.problems.empty()) return Unsolvable{plan.problems};

  NeedsReader needs(pool, archive.architecture);
  const auto walked = walk(pool, needs, plan.roots(), plan.present(), request.recommends);
  const auto outcome = prove_or_repair(pool, plan, walked, request.recommends);
  if (const auto* problems = std::get_if<std::vector<SolverProblem>>(&outcome)) {
    Unsolvable unsolvable;
    for (const auto& problem : *problems) {
      unsolvable.problems.push_back(explain(pool, problem, plan.requested, plan.essential));
    }
    return unsolvable;
  }
  Resolution resolution;
  for (const auto& name : request.exclude) {
    if (pool.versions(name).empty()) resolution.unknown_excludes.push_back(name);
  }
  for (const auto& kept : keep_needed(pool, needs, plan.roots(), request.recommends)) {
    if (kept.package != plan.provided) resolution.packages.push_back(REBURST_TRY(describe(pool, plan, kept, archive)));
  }
  std::sort(resolution.packages.begin(), resolution.packages.end(), [](const Package& a, const Package& b) {
    return std::tie(a.name, a.architecture) < std::tie(b.name, b.architecture);
  });
  return resolution;
}

Result<std::vector<std::string>> why(const Resolution& resolution, const std::string& package) {
  std::vector<std::string> chain;
  std::set<std::string> seen;
  for (std::string name = package; !name.empty() && seen.insert(name).second;) {
    const auto found = std::find_if(resolution.packages.begin(), resolution.packages.end(),
                                    [&](const Package& one) { return one.name == name; });
    if (found == resolution.packages.end()) {
      return fail(ErrorCode::kMissing, "the package \"" + package + "\" is not part of the image",
                  "the verb \"resolve\" lists those that are");
    }
    chain.insert(chain.begin(), found->requested             ? name + " is asked for by the recipe"
                                : found->required_by.empty() ? name + " is Essential"
                                                             : found->reason);
    name = found->required_by;
  }
  return chain;
}

}  // namespace reburst::resolve
