#include "builder/resolve/explain.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/text.hpp"

namespace reburst::resolve {

namespace {

std::string quote(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::string full_name(const PackagePool& pool, PackageId package) {
  return std::string(pool.name(package)) + " (" + std::string(pool.version(package)) + ")";
}

bool holds(const std::vector<PackageId>& packages, PackageId package) {
  return std::find(packages.begin(), packages.end(), package) != packages.end();
}

// Damerau's distance of adjacent swaps, given up as soon as it passes `limit`.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
      least = std::min(least, now[j]);
    }
    if (least > limit) return limit + 1;
    std::swap(before, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

std::vector<std::string> nearest(const PackagePool& pool, std::string_view name) {
  constexpr std::size_t kShown = 3;
  const std::size_t limit = name.size() < 4 ? 1 : name.size() < 8 ? 2 : 3;
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const auto candidate : pool.names()) {
    if (candidate.find(' ') != std::string_view::npos) continue;
    const bool longer = candidate.size() > name.size() && candidate.starts_with(name);
    const auto far = longer ? 1 : distance(name, candidate, limit);
    if (far <= limit) found.emplace_back(far, candidate);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first, a.second.size(), a.second) < std::tuple(b.first, b.second.size(), b.second);
  });
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(kShown, found.size()) && found[i].first == found[0].first; ++i) {
    out.push_back(found[i].second);
  }
  return out;
}

// How the recipe comes to need `package`: "app Depends: libfoo, libfoo Depends: libbar"; empty for what it asks for
// itself.
std::string path_to(PackagePool& pool, const SolverProblem& problem, PackageId package) {
  std::map<PackageId, std::string> step;  // package -> what needs it
  std::map<PackageId, PackageId> parent;
  for (const auto& rule : problem.rules) {
    if (rule.kind != SolverProblem::Kind::kRequires) continue;
    for (const auto target : pool.providers(rule.dependency)) {
      if (target == rule.source || !parent.emplace(target, rule.source).second) continue;
      step[target] = std::string(pool.name(rule.source)) + " needs " + rule.text;
    }
  }
  std::vector<std::string> steps;
  std::set<PackageId> seen;
  for (auto at = parent.find(package); at != parent.end() && seen.insert(at->first).second;
       at = parent.find(at->second)) {
    steps.insert(steps.begin(), step[at->first]);
  }
  return join(steps, ", ");
}

std::vector<std::string> newest_first(const PackagePool& pool, std::vector<PackageId> versions) {
  std::stable_sort(versions.begin(), versions.end(), [&](auto a, auto b) { return pool.compare_versions(a, b) > 0; });
  std::vector<std::string> out;
  for (const auto package : versions) {
    if (std::find(out.begin(), out.end(), pool.version(package)) == out.end()) out.emplace_back(pool.version(package));
  }
  return out;
}

bool provides(const PackagePool& pool, PackageId package, std::string_view name) {
  const auto clauses = parse_dependencies(pool.stanza(package).provides, pool.architecture(package));
  return clauses && std::any_of(clauses->begin(), clauses->end(),
                                [&](const Clause& clause) { return clause.alternatives[0].name == name; });
}

// The local package that stands in the way of one of the archive that bears the name or provides it; 0 for none.
PackageId in_the_way(const PackagePool& pool, std::string_view name) {
  for (PackageId local = kFirstPackage; local < pool.end(); ++local) {
    if (pool.name_number(local) == 0 || !pool.local(local)) continue;
    if (pool.name(local) == name) return local;
    for (const auto other : pool.versions(pool.name(local))) {
      if (!pool.local(other) && provides(pool, other, name)) return local;
    }
  }
  return 0;
}

// Why none of the archive's packages will do for `dependency`.
std::string why_none(const PackagePool& pool, std::string_view dependency) {
  std::string known;
  for (const auto alternative : split(dependency, '|')) {
    const auto words = split_words(alternative);
    if (words.empty()) continue;
    const auto name = words[0].substr(0, words[0].find(':'));
    if (const auto local = in_the_way(pool, name); local != 0)
      return ", and packages.local has " + full_name(pool, local) + ", which goes before any of the archive";
    const auto versions = newest_first(pool, pool.versions(name));
    if (words.size() > 1 && !versions.empty())
      known += (known.empty() ? "; the archive has " : ", ") + std::string(name) + " " + join(versions, ", ");
  }
  return ", which nothing in the archive provides" + known;
}

// Those providers of the dependency that the recipe excludes.
std::vector<std::string> kept_out(PackagePool& pool, const SolverProblem& problem, DependencyId dependency) {
  std::set<std::string> names;
  for (const auto package : pool.providers(dependency)) {
    for (const auto& solution : problem.solutions) {
      if (holds(solution.allowed, package)) names.emplace(pool.name(package));
    }
  }
  return {names.begin(), names.end()};
}

std::string unmet(PackagePool& pool, const SolverProblem& problem, const SolverProblem::Rule& rule) {
  const auto excluded = kept_out(pool, problem, rule.dependency);
  const auto needs = full_name(pool, rule.source) + " needs " + quote(rule.text);
  if (excluded.empty()) return needs + ", which cannot be installed here";
  return needs + ", and packages.exclude keeps out " + join(excluded, ", ");
}

std::string sentence(PackagePool& pool, const SolverProblem& problem, const SolverProblem::Rule& rule) {
  switch (rule.kind) {
    case SolverProblem::Kind::kNothingProvides:
      return full_name(pool, rule.source) + " needs " + quote(rule.text) + why_none(pool, rule.text);
    case SolverProblem::Kind::kRequires: return unmet(pool, problem, rule);
    case SolverProblem::Kind::kConflicts:
      return full_name(pool, rule.source) + " and " + full_name(pool, rule.target) + " exclude each other (" +
             std::string(pool.name(rule.source)) + " conflicts with " + quote(rule.text) + "), and both are needed";
    case SolverProblem::Kind::kSelfConflict:
      return full_name(pool, rule.source) + " conflicts with itself (" + quote(rule.text) + ")";
    case SolverProblem::Kind::kSameName:
      return "two versions of " + quote(pool.name(rule.source)) +
             " are needed: " + std::string(pool.version(rule.source)) + " and " +
             std::string(pool.version(rule.target));
    case SolverProblem::Kind::kRequested:
    case SolverProblem::Kind::kOther: break;
  }
  return "the packages that are asked for cannot be installed together";
}

// The rule that says most: what is excluded before all, as the recipe can change it. The solver's main rule may be a
// mere request, or a package that needs what cannot be had, where another rule says why not.
const SolverProblem::Rule& telling_rule(PackagePool& pool, const SolverProblem& problem) {
  using Kind = SolverProblem::Kind;
  for (const auto& rule : problem.rules) {
    if (rule.kind == Kind::kRequires && !kept_out(pool, problem, rule.dependency).empty()) return rule;
  }
  const auto main = problem.main.kind;
  if (main != Kind::kRequested && main != Kind::kOther && main != Kind::kRequires) return problem.main;
  for (const auto kind :
       {Kind::kNothingProvides, Kind::kConflicts, Kind::kSelfConflict, Kind::kSameName, Kind::kRequires}) {
    for (const auto& rule : problem.rules) {
      if (rule.kind == kind) return rule;
    }
  }
  return problem.main;
}

std::vector<std::string> changes(const PackagePool& pool, const SolverProblem::Change& change,
                                 const std::vector<PackageId>& roots) {
  std::set<std::string> out;
  for (const auto package : change.not_requested) {
    if (!holds(roots, package)) return {};  // an Essential package is not the recipe's to drop
    out.insert("do not ask for " + quote(pool.name(package)));
  }
  for (const auto package : change.allowed)
    out.insert("allow " + quote(pool.name(package)) + " (remove it from packages.exclude)");
  return {out.begin(), out.end()};
}

}  // namespace

Unsolvable::Problem unknown_name(const PackagePool& pool, const std::string& name) {
  Unsolvable::Problem problem{"there is no package " + quote(name) + " in the archive", {}};
  for (const auto& near : nearest(pool, name)) problem.solutions.push_back("ask for " + quote(near) + " instead");
  return problem;
}

Unsolvable::Problem unknown_version(const PackagePool& pool, const std::string& name, const std::string& version,
                                    const std::vector<PackageId>& versions) {
  Unsolvable::Problem problem;
  const auto known = newest_first(pool, versions);
  problem.what =
      "there is no version " + quote(version) + " of " + quote(name) + "; the archive has " + join(known, ", ");
  for (const auto& one : known) problem.solutions.push_back("ask for " + quote(name + "=" + one));
  return problem;
}

Unsolvable::Problem shadowed_version(const PackagePool& pool, const std::string& entry, PackageId local) {
  return {quote(entry) + " is asked for, and packages.local has " + full_name(pool, local) + " in its place",
          {"ask for " + quote(pool.name(local)) + " alone", "take the package out of packages.local"}};
}

Unsolvable::Problem virtual_name(const PackagePool& pool, const std::string& name,
                                 const std::vector<PackageId>& providers) {
  std::vector<std::string> names;
  names.reserve(providers.size());
  for (const auto package : providers) names.emplace_back(pool.name(package));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return {quote(name) + " is a virtual package, provided by " + join(names, ", "), {"ask for one of them by its name"}};
}

Unsolvable::Problem excluded_name(const std::string& name) {
  return {quote(name) + " is asked for and excluded",
          {"allow " + quote(name) + " (remove it from packages.exclude)", "do not ask for " + quote(name)}};
}

Unsolvable::Problem explain(PackagePool& pool, const SolverProblem& problem, const std::vector<PackageId>& roots,
                            const std::vector<PackageId>& essential) {
  const auto& rule = telling_rule(pool, problem);
  Unsolvable::Problem out;
  out.what = sentence(pool, problem, rule);
  const auto path = path_to(pool, problem, rule.source);
  if (!path.empty() && !holds(roots, rule.source) && !holds(essential, rule.source)) out.what += " (" + path + ")";
  for (const auto& solution : problem.solutions) {
    const auto steps = changes(pool, solution, roots);
    const auto text = join(steps, " and ");
    if (!text.empty() && std::find(out.solutions.begin(), out.solutions.end(), text) == out.solutions.end()) {
      out.solutions.push_back(text);
    }
  }
  std::sort(out.solutions.begin(), out.solutions.end());
  return out;
}

}  // namespace reburst::resolve
