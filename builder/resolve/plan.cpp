#include "builder/resolve/plan.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "builder/resolve/explain.hpp"

namespace reburst::resolve {

namespace {

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

}  // namespace

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

}  // namespace reburst::resolve
