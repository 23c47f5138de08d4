#include "builder/resolve/walk.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>

namespace reburst::resolve {

namespace {

// Deeper chains than any archive has; what lies below is left to the solver.
constexpr int kMaxDepth = 1500;

int priority_order(std::string_view priority) {
  constexpr std::array<std::string_view, 4> kOrder = {"required", "important", "standard", "optional"};
  return static_cast<int>(std::find(kOrder.begin(), kOrder.end(), priority) - kOrder.begin());
}

class Walker {
 public:
  Walker(PackagePool& pool, NeedsReader& needs, bool recommends)
      : pool_(pool), needs_(needs), recommends_(recommends), flags_(static_cast<std::size_t>(pool.end()), 0) {}

  void present(PackageId package) { set(package, kInstalled | kProtected); }

  void run(std::vector<PackageId> roots) {
    for (const auto root : roots) set(root, kInstalled | kProtected);
    std::sort(roots.begin(), roots.end(), [&](auto a, auto b) { return pool_.rank(a) < pool_.rank(b); });
    for (const auto root : roots) {
      if (broken(root)) (void)install(root, /*from_user=*/true, 0);
    }
  }

  [[nodiscard]] std::vector<PackageId> installed() const {
    std::vector<PackageId> out;
    for (std::size_t id = 0; id < flags_.size(); ++id) {
      if ((flags_[id] & kInstalled) != 0) out.push_back(static_cast<PackageId>(id));
    }
    return out;
  }

 private:
  enum Flag : std::uint8_t { kInstalled = 1, kProtected = 2, kDiscarded = 4 };

  [[nodiscard]] bool has(PackageId package, Flag flag) const {
    return (flags_[static_cast<std::size_t>(package)] & flag) != 0;
  }
  void set(PackageId package, int flags) {
    flags_[static_cast<std::size_t>(package)] |= static_cast<std::uint8_t>(flags);
  }
  void clear(PackageId package, Flag flag) {
    flags_[static_cast<std::size_t>(package)] &= static_cast<std::uint8_t>(~static_cast<unsigned>(flag));
  }

  [[nodiscard]] bool wanted(const Need& need) const { return need.kind != Need::Kind::kRecommends || recommends_; }

  [[nodiscard]] bool satisfied(const Need& need) {
    return std::any_of(need.alternatives.begin(), need.alternatives.end(), [&](DependencyId one) {
      const auto providers = pool_.providers(one);
      return std::any_of(providers.begin(), providers.end(), [&](PackageId p) { return has(p, kInstalled); });
    });
  }

  [[nodiscard]] bool violated(PackageId package, const Need& need) {
    const auto others = pool_.providers(need.alternatives.front());
    return std::any_of(others.begin(), others.end(), [&](PackageId p) { return p != package && has(p, kInstalled); });
  }

  [[nodiscard]] bool broken(PackageId package) {
    for (const auto& need : needs_.of(package)) {
      if (need.negative() ? violated(package, need) : wanted(need) && !satisfied(need)) return true;
    }
    return false;
  }

  // Every hard need has a candidate that is not discarded.
  [[nodiscard]] bool satisfiable(PackageId package) {
    for (const auto& need : needs_.of(package)) {
      if (!need.hard()) continue;
      const bool possible = std::any_of(need.alternatives.begin(), need.alternatives.end(), [&](DependencyId one) {
        const auto providers = pool_.providers(one);
        return std::any_of(providers.begin(), providers.end(),
                           [&](PackageId p) { return has(p, kInstalled) || !has(p, kDiscarded); });
      });
      if (!possible) return false;
    }
    return true;
  }

  // What could satisfy `need`, best first: alternative by alternative, and within one as apt orders providers.
  [[nodiscard]] std::vector<PackageId> choices(const Need& need) {
    std::vector<PackageId> out;
    for (std::size_t i = 0; i < need.alternatives.size(); ++i) {
      auto providers = pool_.providers(need.alternatives[i]);
      if (providers.size() > 1) order(providers, need.names[i]);
      for (const auto package : providers) {
        const bool refused = has(package, kDiscarded) || (has(package, kProtected) && !has(package, kInstalled));
        if (!refused && std::find(out.begin(), out.end(), package) == out.end()) out.push_back(package);
      }
    }
    return out;
  }

  void order(std::vector<PackageId>& providers, std::string_view name) {
    const auto key = [&](PackageId package) {
      const Stanza stanza = pool_.stanza(package);
      return std::tuple(!has(package, kProtected), pool_.name(package) != name, !pool_.essential(package),
                        stanza.important != "yes", priority_order(stanza.priority), ~pool_.rank(package));
    };
    std::vector<std::pair<decltype(key(0)), PackageId>> keyed;
    keyed.reserve(providers.size());
    for (const auto package : providers) keyed.emplace_back(key(package), package);
    std::sort(keyed.begin(), keyed.end());
    std::transform(keyed.begin(), keyed.end(), providers.begin(), [](const auto& one) { return one.second; });
  }

  bool install(PackageId package, bool from_user, int depth) {
    if (depth > kMaxDepth) return false;
    if (has(package, kProtected) && !has(package, kInstalled)) return false;
    if (has(package, kDiscarded)) return false;
    if (has(package, kInstalled) && !has(package, kProtected) && !broken(package)) return true;
    const bool was_protected = has(package, kProtected);
    if (!satisfiable(package)) {
      if (!was_protected) discard(package);
      return false;
    }
    const bool fail_early = !was_protected && !from_user;
    bool whole = true;
    if (!remove_conflicts(package, was_protected, from_user)) {
      if (fail_early) return false;
      whole = false;
    }
    set(package, kInstalled | kProtected);  // while its needs are met, nothing may remove it
    const bool met = install_needs(package, was_protected, from_user, depth);
    if (!was_protected) clear(package, kProtected);
    if (!met && fail_early) discard(package);
    return met && whole;
  }

  void discard(PackageId package) {
    clear(package, kInstalled);
    set(package, kDiscarded);
  }

  // Takes away what this package conflicts with; false when that is not allowed.
  bool remove_conflicts(PackageId package, bool was_protected, bool from_user) {
    bool whole = true;
    for (const auto& need : needs_.of(package)) {
      if (!need.negative()) continue;
      for (const auto other : pool_.providers(need.alternatives.front())) {
        if (other == package || has(other, kDiscarded)) continue;
        if (has(other, kInstalled) && has(other, kProtected)) {
          whole = false;
          if (!was_protected && !from_user) return false;
          continue;
        }
        clear(other, kInstalled);
        if (was_protected) set(other, kDiscarded | kProtected);
      }
    }
    return whole;
  }

  bool install_needs(PackageId package, bool was_protected, bool from_user, int depth) {
    bool met = true;
    // The vector may not move while we recurse: the reader keeps it in place.
    for (const auto& need : needs_.of(package)) {
      if (need.negative() || !wanted(need)) continue;
      if (satisfied(need)) {
        if (was_protected && need.hard()) met = protect_only_choice(need, depth) && met;
        continue;
      }
      if (install_first(need, was_protected, depth) || !need.hard()) continue;
      met = false;
      if (!was_protected && !from_user) break;
    }
    return met;
  }

  bool install_first(const Need& need, bool was_protected, int depth) {
    const auto candidates = choices(need);
    for (const auto candidate : candidates) {
      if (was_protected && need.hard() && candidates.size() == 1) set(candidate, kInstalled | kProtected);
      if (install(candidate, false, depth + 1)) return true;
    }
    return false;
  }

  // What a protected package cannot do without is protected too.
  bool protect_only_choice(const Need& need, int depth) {
    const auto candidates = choices(need);
    if (candidates.size() != 1 || has(candidates.front(), kProtected)) return true;
    set(candidates.front(), kProtected);
    return install(candidates.front(), false, depth + 1);
  }

  PackagePool& pool_;
  NeedsReader& needs_;
  bool recommends_;
  std::vector<std::uint8_t> flags_;
};

}  // namespace

std::vector<PackageId> walk(PackagePool& pool, NeedsReader& needs, std::vector<PackageId> roots,
                            const std::vector<PackageId>& present, bool recommends) {
  Walker walker(pool, needs, recommends);
  for (const auto package : present) walker.present(package);
  walker.run(std::move(roots));
  return walker.installed();
}

}  // namespace reburst::resolve
