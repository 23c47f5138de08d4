#include "builder/find_lock.hpp"

#include "builder/resolve/essential.hpp"
#include "builder/source/open_archive.hpp"
#include "core/text.hpp"

namespace reburst {

namespace {

Result<lock::Expected> expected_lock(const std::string& role, const recipe::Recipe& recipe,
                                     const PipelineOptions& options) {
  const auto out = options.lock ? " --out " + shell_word(options.lock->string()) : std::string();
  std::vector<std::string> local;
  for (const auto& file : recipe.packages.local) local.push_back(file.filename().string());
  const auto request = request_of(recipe);
  auto install = request.install;
  for (const auto& name : request.provided) std::erase(install, name);  // the builder itself: nothing is locked for it
  return lock::Expected{.role = recipe.role,
                        .recipe = recipe.digest,
                        .epoch = recipe.epoch,
                        .bootable = !recipe.kernel.package.empty(),
                        .architecture = REBURST_TRY(source::host_architecture("/")),
                        .local = std::move(local),
                        .install = std::move(install),
                        .exclude = recipe.packages.exclude,
                        .renew = options.lock_command + " " + shell_word(role) + out};
}

}  // namespace

Result<std::optional<lock::Lock>> find_lock_of(const std::string& role, const recipe::Recipe& recipe,
                                               const PipelineOptions& options) {
  return lock::find(options.lock, recipe.file.parent_path(), REBURST_TRY(expected_lock(role, recipe, options)));
}

Result<> require_essential(const std::string& role, const recipe::Recipe& recipe, const lock::Lock& lock,
                           const cache::Cache& cache, const PipelineOptions& options) {
  std::vector<fs::path> indexes;
  for (const auto& index : lock.indexes) {
    auto file = cache.find_blob(index.digest);
    if (!file) return {};
    indexes.push_back(*std::move(file));
  }
  const auto essential = REBURST_TRY(resolve::essential_names(indexes, lock.architecture));
  return lock::check_essential(lock, essential, REBURST_TRY(expected_lock(role, recipe, options)));
}

}  // namespace reburst
