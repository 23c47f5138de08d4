#include <algorithm>
#include <future>
#include <numeric>

#include "builder/tree/configure.hpp"
#include "builder/tree/database.hpp"
#include "builder/tree/extract.hpp"
#include "builder/tree/merge.hpp"
#include "builder/tree/package.hpp"
#include "builder/tree/sandbox.hpp"
#include "builder/tree/tree.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"

namespace reburst::tree {
namespace {

using Members = std::vector<std::size_t>;

// A tree under construction.
struct Site {
  Beneath root;
  Sandbox sandbox;
  Database database;
  Merger merger;
  std::vector<Package>& packages;
  Progress& progress;
  std::string dpkg_version;
};

Result<std::vector<Package>> read_packages(const std::vector<PackageFile>& files, std::size_t jobs) {
  std::vector<Package> packages(files.size());
  REBURST_TRY(parallel_for(jobs, files.size(), [&](std::size_t i) -> Result<> {
    packages[i] = REBURST_TRY(read_package(files[i]));
    return {};
  }));
  return packages;
}

// Each package into a folder of its own: no package sees another, so the order of the threads cannot matter. Largest
// first.
Result<> extract_members(std::vector<Package>& packages, Members members, const TreeOptions& options,
                         Progress& progress) {
  std::stable_sort(members.begin(), members.end(),
                   [&](std::size_t a, std::size_t b) { return packages[a].data_size > packages[b].data_size; });
  const Skip skip(options.exclude);
  return parallel_for(options.jobs, members.size(), [&](std::size_t i) -> Result<> {
    Package& package = packages[members[i]];
    const Deb deb = REBURST_TRY(Deb::open(package.file, {}, package.label));
    package.entries = REBURST_TRY(extract(deb, package.staging, skip));
    progress.advance(package.data_size);
    return {};
  });
}

// Enters packages whose files are in place into dpkg's database. From here on dpkg knows them as unpacked.
Result<> enter(Site& site, const Members& members) {
  std::vector<Database::Unpacked> unpacked;
  unpacked.reserve(members.size());
  for (const std::size_t member : members) unpacked.push_back({&site.packages[member], site.merger.listed(member)});
  REBURST_TRY(site.database.activate_file_triggers(unpacked));
  return site.database.add(unpacked);
}

// What runs every script, and what configures: a recipe may have excluded the packages that bring it.
Result<> require_programs(const Beneath& root) {
  for (const std::string path : {"/bin/sh", "/usr/bin/dpkg"}) {
    if (REBURST_TRY(root.examine_target(path))) continue;
    return fail(
        ErrorCode::kRecipe,
        "the packages cannot be configured: none of the Essential ones, and of what they need, brings \"" + path + "\"",
        "see \"exclude:\" in the recipe; Debian has /bin/sh in the package dash, and dpkg in one of its own name");
  }
  return {};
}

// The Essential packages and what they need: their files first, since their scripts need each other's programs; then,
// as dpkg would have it, every preinst; then all are configured.
Result<> install_essential(Site& site, const Members& members, const recipe::Recipe& recipe) {
  REBURST_TRY(make_merged_usr(site.root, site.packages, members));
  for (const std::size_t member : members) REBURST_TRY(site.merger.merge(member));
  REBURST_TRY(require_programs(site.root));
  for (const std::size_t member : unpack_order(site.packages, members)) {
    REBURST_TRY(run_preinst(site.root, site.sandbox, site.packages[member], site.dpkg_version));
  }
  REBURST_TRY(site.merger.read_overrides());
  for (const std::size_t member : members) REBURST_TRY(site.merger.divert(member));
  REBURST_TRY(enter(site, members));
  REBURST_TRY(preseed(site.root, site.sandbox, recipe.debconf));
  return configure(site.sandbox, {});
}

// Policy 7.2: what a package Pre-Depends on is configured before its preinst runs.
Result<> configure_predependencies(Site& site, std::size_t package, Members& unpacked, std::vector<bool>& configured) {
  std::vector<std::string> names;
  for (const std::size_t needed : with_dependencies(site.packages, needed_by(site.packages, package, "Pre-Depends"))) {
    if (needed == package || configured[needed]) continue;
    names.push_back(site.packages[needed].info_name);
    configured[needed] = true;
  }
  if (names.empty()) return {};
  REBURST_TRY(enter(site, unpacked));
  unpacked.clear();
  return configure(site.sandbox, names);
}

Result<> install_others(Site& site, const Members& members) {
  REBURST_TRY(make_merged_usr(site.root, site.packages, members));
  std::vector<bool> configured(site.packages.size(), true);  // the Essential ones are
  for (const std::size_t member : members) configured[member] = false;
  Members unpacked;  // merged, but not yet in dpkg's database
  for (const std::size_t member : unpack_order(site.packages, members)) {
    const Package& package = site.packages[member];
    if (package.has_script("preinst")) {
      REBURST_TRY(configure_predependencies(site, member, unpacked, configured));
      REBURST_TRY(run_preinst(site.root, site.sandbox, package, site.dpkg_version));
      REBURST_TRY(site.merger.read_overrides());
    }
    REBURST_TRY(site.merger.merge(member));
    unpacked.push_back(member);
  }
  REBURST_TRY(enter(site, unpacked));
  return configure(site.sandbox, {});
}

// Scripts of the Essential packages run while the others are unpacked. With one job everything comes one after the
// other: the serial reference. A package that cannot be unpacked is reported before a script that failed, as it is
// there.
Result<> install(Site& site, const Members& essential, const Members& others, const recipe::Recipe& recipe,
                 const TreeOptions& options) {
  REBURST_TRY(extract_members(site.packages, essential, options, site.progress));
  const auto policy = options.jobs > 1 ? std::launch::async : std::launch::deferred;
  auto unpacking = std::async(policy, [&] { return extract_members(site.packages, others, options, site.progress); });
  if (options.jobs <= 1) unpacking.wait();
  Result<> first = install_essential(site, essential, recipe);
  REBURST_TRY(unpacking.get());
  REBURST_TRY(std::move(first));
  site.progress.begin("configure", 0, Progress::Unit::kItems);
  return install_others(site, others);
}

Result<> check_installed(const Database& database) {
  const std::vector<std::string> unfinished = REBURST_TRY(database.unfinished());
  if (unfinished.empty()) return {};
  std::string list;
  for (const std::string& line : unfinished) list += "\n  " + line;
  return fail(ErrorCode::kScript, "dpkg left packages that are not installed:" + list);
}

std::string architecture_of(const std::vector<Package>& packages) {
  for (const Package& package : packages) {
    if (package.architecture != "all") return package.architecture;
  }
  return "all";
}

std::string version_of(const std::vector<Package>& packages, std::string_view name) {
  const auto found =
      std::find_if(packages.begin(), packages.end(), [&](const Package& package) { return package.name == name; });
  return found == packages.end() ? std::string() : found->version;
}

std::vector<Tree::PackageFiles> ownership(const std::vector<Package>& packages, const Merger& merger) {
  std::vector<Tree::PackageFiles> owned(packages.size());
  for (std::size_t i = 0; i < packages.size(); ++i) owned[i] = {packages[i].name, merger.real_paths(i)};
  return owned;
}

}  // namespace

Result<Tree> make_tree(const recipe::Recipe& recipe, const std::vector<PackageFile>& files, const TreeOptions& options,
                       Progress& progress) {
  std::vector<Package> packages = REBURST_TRY(read_packages(files, options.jobs));
  progress.begin("unpack",
                 std::accumulate(packages.begin(), packages.end(), std::uint64_t{0},
                                 [](std::uint64_t sum, const Package& package) { return sum + package.data_size; }),
                 Progress::Unit::kBytes);
  const fs::path staging = options.work / "unpacked";
  REBURST_TRY(make_directories(staging));
  for (std::size_t i = 0; i < packages.size(); ++i) packages[i].staging = staging / std::to_string(i);
  Tree tree{.root = options.work / "root", .layout = {}, .owned = {}};
  REBURST_TRY(make_directories(tree.root));
  Beneath root = REBURST_TRY(Beneath::open(tree.root));
  const Database database(root);
  const std::string architecture = architecture_of(packages);
  REBURST_TRY(database.create(architecture));
  REBURST_TRY(forbid_services(root));
  Site site{.root = REBURST_TRY(Beneath::open(tree.root)),
            .sandbox = REBURST_TRY(Sandbox::make(tree.root, options.epoch)),
            .database = database,
            .merger = Merger(root, packages),
            .packages = packages,
            .progress = progress,
            .dpkg_version = version_of(packages, "dpkg")};
  const Members essential = essential_set(packages);
  Members others;
  for (std::size_t i = 0; i < packages.size(); ++i) {
    if (!std::binary_search(essential.begin(), essential.end(), i)) others.push_back(i);
  }
  REBURST_TRY(database.add_provided(options.provided, architecture));
  REBURST_TRY(install(site, essential, others, recipe, options));
  REBURST_TRY(database.remove_provided());
  REBURST_TRY(check_installed(database));
  REBURST_TRY(allow_services(root));
  tree.owned = ownership(packages, site.merger);
  REBURST_TRY(remove_tree(staging));
  return tree;
}

}  // namespace reburst::tree
