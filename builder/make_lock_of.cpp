// From the archive to a lock: the first half of the road.
#include <algorithm>
#include <future>

#include "builder/lock/make_lock.hpp"
#include "builder/pipeline.hpp"
#include "builder/resolve/resolve.hpp"
#include "builder/source/open_archive.hpp"

namespace reburst {

namespace {

// Debian's kernels want an initramfs generator; the builder makes its own initrd and stands in for one.
constexpr std::string_view kInitrdVirtual = "linux-initramfs-tool";

struct Sources {
  std::vector<source::Repository> repositories;
  std::string architecture;
  std::string proxy;
};

Sources listed_sources(const std::vector<recipe::ArchiveSource>& entries, const source::HostConfiguration& host) {
  Sources out{.repositories = {}, .architecture = host.architecture, .proxy = host.proxy};
  for (const auto& entry : entries) {
    for (const auto& suite : entry.suites) {
      out.repositories.push_back({.uri = entry.uri,
                                  .suite = suite,
                                  .components = entry.components,
                                  .keyrings = {entry.keyring},
                                  .check_valid_until = true});
    }
  }
  return out;
}

Error unsolvable(const resolve::Unsolvable& outcome) {
  Error error{ErrorCode::kUnsolvable, "the archive holds no set of packages that satisfies the recipe", "", {}};
  for (const auto& problem : outcome.problems) {
    error.message += "\n  " + problem.what;
    for (const auto& solution : problem.solutions) error.message += "\n    - " + solution;
  }
  error.hint = "change \"packages:\" or \"kernel:\" in the recipe, or the suite it takes them from";
  return error;
}

Result<resolve::Resolution> resolve_build_only(const source::Archive& archive, cache::Cache& cache) {
  const resolve::Request request{
      .install = {std::string(lock::kBootStubPackage)}, .exclude = {}, .essential = false, .provided = {}, .local = {}};
  auto outcome = REBURST_TRY(resolve::resolve(request, archive, cache));
  if (const auto* none = std::get_if<resolve::Unsolvable>(&outcome)) return fail(unsolvable(*none));
  // Only its stub is read: what it depends on is not needed.
  auto resolution = std::get<resolve::Resolution>(std::move(outcome));
  std::erase_if(resolution.packages, [](const auto& package) { return package.name != lock::kBootStubPackage; });
  return resolution;
}

// Words of the recipe that name no package: harmless, and often a slip of the pen.
void note_unused(const recipe::Recipe& recipe, const resolve::Resolution& resolution, Progress& progress) {
  for (const auto& name : resolution.unknown_excludes)
    progress.note("warning: packages.exclude names \"" + name + "\", and the archive has no package of that name");
  for (const auto& answer : recipe.debconf) {
    const bool there = std::any_of(resolution.packages.begin(), resolution.packages.end(),
                                   [&](const auto& package) { return package.name == answer.package; });
    if (there) continue;
    progress.note("warning: debconf answers \"" + answer.question + "\" for the package \"" + answer.package +
                  "\", which is not part of the image");
  }
}

}  // namespace

resolve::Request request_of(const recipe::Recipe& recipe) {
  resolve::Request request{.install = recipe.packages.install,
                           .exclude = recipe.packages.exclude,
                           .recommends = recipe.packages.recommends,
                           .essential = true,
                           .provided = {},
                           .local = recipe.packages.local};
  if (!recipe.kernel.package.empty()) {
    request.install.push_back(recipe.kernel.package);
    request.provided.emplace_back(kInitrdVirtual);
  }
  return request;
}

Result<source::Archive> open_archive_of(const recipe::Recipe& recipe, cache::Cache& cache,
                                        const PipelineOptions& options, Progress& progress) {
  progress.begin("archive", 0, Progress::Unit::kItems);
  const auto scratch = REBURST_TRY(cache.make_temp("keyrings"));
  const auto host = REBURST_TRY(source::read_host_configuration("/", scratch.path()));
  const auto* listed = std::get_if<std::vector<recipe::ArchiveSource>>(&recipe.sources);
  for (const auto& note : host.notes) progress.note(note);
  if (listed == nullptr) {
    for (const auto& note : host.source_notes) progress.note(note);
  }
  auto sources =
      listed != nullptr ? listed_sources(*listed, host) : Sources{host.repositories, host.architecture, host.proxy};
  if (recipe.suite) {
    std::vector<std::string> left_out;
    sources.repositories = REBURST_TRY(source::with_suite(std::move(sources.repositories), *recipe.suite, left_out));
    for (const auto& note : left_out) progress.note(note);
  }
  source::OpenOptions open{
      .fetch = options.fetch, .architecture = sources.architecture, .now = options.now, .jobs = options.jobs};
  if (!sources.proxy.empty()) open.fetch.proxy = sources.proxy;
  return with_context(source::open_archive(sources.repositories, cache, open, progress),
                      "opening the archive for \"" + recipe.role + "\"");
}

Result<resolve::Resolution> resolve_recipe(const recipe::Recipe& recipe, const source::Archive& archive,
                                           cache::Cache& cache) {
  auto outcome = REBURST_TRY(resolve::resolve(request_of(recipe), archive, cache));
  if (const auto* none = std::get_if<resolve::Unsolvable>(&outcome)) return fail(unsolvable(*none));
  return std::get<resolve::Resolution>(std::move(outcome));
}

Result<lock::Lock> lock_from(const recipe::Recipe& recipe, const source::Archive& archive, cache::Cache& cache,
                             const PipelineOptions& options, Progress& progress) {
  progress.begin("resolve", 0, Progress::Unit::kItems);
  // Two questions to the same archive, answered side by side: each loads the indexes into a pool of its own.
  auto asking =
      std::async(options.jobs > 1 ? std::launch::async : std::launch::deferred, [&]() -> Result<resolve::Resolution> {
        if (recipe.kernel.package.empty()) return resolve::Resolution{};
        return resolve_build_only(archive, cache);
      });
  auto resolution = resolve_recipe(recipe, archive, cache);
  auto build_only = asking.get();
  if (resolution) note_unused(recipe, *resolution, progress);
  return lock::make_lock({.role = recipe.role, .recipe = recipe.digest, .epoch = recipe.epoch}, archive,
                         REBURST_TRY(std::move(resolution)), REBURST_TRY(std::move(build_only)));
}

Result<lock::Lock> make_lock_of(const recipe::Recipe& recipe, cache::Cache& cache, const PipelineOptions& options,
                                Progress& progress) {
  const auto archive = REBURST_TRY(open_archive_of(recipe, cache, options, progress));
  return lock_from(recipe, archive, cache, options, progress);
}

}  // namespace reburst
