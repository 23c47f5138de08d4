#include "builder/resolve/prune.hpp"

namespace reburst::resolve {

std::vector<Kept> keep_needed(PackagePool& pool, NeedsReader& needs, const std::vector<PackageId>& roots,
                              bool recommends) {
  std::vector<bool> reached(static_cast<std::size_t>(pool.end()), false);
  std::vector<Kept> kept;
  const auto reach = [&](PackageId package, PackageId by, const Need* need) {
    if (reached[static_cast<std::size_t>(package)]) return;
    reached[static_cast<std::size_t>(package)] = true;
    kept.push_back({package, by, need == nullptr ? "" : std::string(pool.name(by)) + " " + describe(*need)});
  };
  for (const auto root : roots) reach(root, 0, nullptr);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const PackageId package = kept[i].package;
    for (const auto& need : needs.of(package)) {
      if (!need.hard() && (need.kind != Need::Kind::kRecommends || !recommends)) continue;
      for (const auto alternative : need.alternatives) {
        for (const auto provider : pool.providers(alternative)) reach(provider, package, &need);
      }
    }
  }
  return kept;
}

}  // namespace reburst::resolve
