#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "builder/resolve/dependency.hpp"
#include "builder/resolve/stanza.hpp"
#include "builder/source/archive.hpp"
#include "cache/cache.hpp"
#include "core/result.hpp"

namespace reburst::resolve {

// A package of the pool: one version in one index. 0 and 1 are never packages.
using PackageId = int;
constexpr PackageId kFirstPackage = 2;
// A name, or a name with a version restriction, as the pool numbers it.
using DependencyId = int;

// Why the solver found no set, still in its terms; explain.hpp turns it into words.
struct SolverProblem {
  enum class Kind { kNothingProvides, kRequires, kConflicts, kSelfConflict, kSameName, kRequested, kOther };
  struct Rule {
    Kind kind = Kind::kOther;
    PackageId source = 0, target = 0;
    DependencyId dependency = 0;
    std::string text;  // of the dependency: "libfoo (>= 2)"
  };
  struct Change {                          // one way out: all of these together
    std::vector<PackageId> not_requested;  // no longer ask for these
    std::vector<PackageId> allowed;        // no longer exclude these
  };
  Rule main;
  std::vector<Rule> rules;  // all that take part
  std::vector<Change> solutions;
};

struct SolveRequest {
  std::vector<PackageId> install;   // must be in the set
  std::vector<PackageId> excluded;  // must not
  std::vector<PackageId> favoured;  // taken where there is a choice
  bool recommends = false;
};
using SolveOutcome = std::variant<std::vector<PackageId>, std::vector<SolverProblem>>;

// Every package of an archive, in libsolv: the only place that knows it. Indexes are read from `.solv` files in the
// cache (derived kind "solv"), made on first use; one that is damaged is made again.
class PackagePool {
 public:
  [[nodiscard]] static Result<PackagePool> load(const source::Archive& archive, cache::Cache& cache);
  PackagePool(PackagePool&&) noexcept;
  PackagePool& operator=(PackagePool&&) noexcept;
  PackagePool(const PackagePool&) = delete;
  PackagePool& operator=(const PackagePool&) = delete;
  ~PackagePool();

  // Packages that are in no index. The stanza's text is copied.
  [[nodiscard]] Result<PackageId> add_local(const std::string& stanza);
  // A package that is not part of any result and provides these names.
  [[nodiscard]] PackageId add_provided(const std::vector<std::string>& names);

  [[nodiscard]] PackageId end() const;  // ids are below this
  // Names are numbered too: versions of one name have one number, below name_count().
  [[nodiscard]] std::size_t name_number(PackageId package) const;
  [[nodiscard]] std::size_t name_count() const;
  [[nodiscard]] std::string_view name(PackageId package) const;
  [[nodiscard]] std::string_view version(PackageId package) const;
  [[nodiscard]] std::string_view architecture(PackageId package) const;
  [[nodiscard]] std::size_t index(PackageId package) const;  // as Package::index
  [[nodiscard]] bool essential(PackageId package) const;
  [[nodiscard]] bool local(PackageId package) const;  // made by add_local()
  // Where apt would have first met the package's name: among providers that are equal otherwise it takes the later.
  [[nodiscard]] std::uint64_t rank(PackageId package) const;
  [[nodiscard]] Stanza stanza(PackageId package) const;
  // All versions of a name, in the order of the indexes.
  [[nodiscard]] std::vector<PackageId> versions(std::string_view name) const;
  // Negative, 0 or positive, as dpkg --compare-versions.
  [[nodiscard]] int compare_versions(PackageId a, PackageId b) const;
  // Every name in the archive, each once.
  [[nodiscard]] std::vector<std::string_view> names() const;

  // From here on only these packages exist for providers() and solve().
  void restrict_to(const std::vector<bool>& packages);
  [[nodiscard]] DependencyId dependency(const Alternative& alternative);
  [[nodiscard]] std::vector<PackageId> providers(DependencyId dependency);
  [[nodiscard]] SolveOutcome solve(const SolveRequest& request);

 private:
  struct State;
  explicit PackagePool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reburst::resolve
