#include "builder/resolve/resolve.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "builder/resolve/explain.hpp"
#include "builder/resolve/plan.hpp"
#include "builder/resolve/pool.hpp"
#include "builder/resolve/prune.hpp"
#include "builder/resolve/walk.hpp"
#include "core/text.hpp"

namespace reburst::resolve {

namespace {

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
