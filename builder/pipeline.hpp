#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "builder/describe/manifest.hpp"
#include "builder/image/image.hpp"
#include "builder/lock/lock.hpp"
#include "builder/recipe/recipe.hpp"
#include "builder/resolve/resolution.hpp"
#include "builder/source/archive.hpp"
#include "cache/cache.hpp"
#include "core/digest.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "fetch/fetch.hpp"

// The whole build, stage after stage. Read pipeline.cpp first: it is the map of this folder.
namespace reburst {

struct PipelineOptions {
  std::filesystem::path recipes;              // shipped recipes, or --recipes DIR
  std::filesystem::path out = "out";          // releases appear at out/ROLE/VERSION
  std::optional<std::filesystem::path> lock;  // --lock FILE; otherwise ROLE.lock beside the recipe, if there is one
  fetch::Options fetch;                       // `proxy` here is used where apt's configuration names none
  std::size_t jobs = 1;
  Epoch now = 0;                      // the machine's clock, for Valid-Until alone
  std::string lock_command = "lock";  // a shell's words that make a lock when a role follows, for hints
  std::string trust_root;             // TUF root metadata for the initrd, in canonical form; empty: none
  std::optional<image::BootSigner> boot_signer = {};  // for the UKI; none: it is not signed
  Digest tool;  // identifies this very program: a cached result made by another one is never used
};

// The archive that a recipe names, opened and verified.
[[nodiscard]] Result<source::Archive> open_archive_of(const recipe::Recipe& recipe, cache::Cache& cache,
                                                      const PipelineOptions& options, Progress& progress);

// What a recipe asks of the resolver.
[[nodiscard]] resolve::Request request_of(const recipe::Recipe& recipe);

// Fails with kUnsolvable, its message in the recipe's words, when no set satisfies the recipe.
[[nodiscard]] Result<resolve::Resolution> resolve_recipe(const recipe::Recipe& recipe, const source::Archive& archive,
                                                         cache::Cache& cache);

// The lock that --lock names, or ROLE.lock beside the recipe when there is one; kLock when it is not this recipe's.
// `role` is the recipe as the user named it: the hint says how to renew the lock.
[[nodiscard]] Result<std::optional<lock::Lock>> find_lock_of(const std::string& role, const recipe::Recipe& recipe,
                                                             const PipelineOptions& options);

// The lock of an archive that is open.
[[nodiscard]] Result<lock::Lock> lock_from(const recipe::Recipe& recipe, const source::Archive& archive,
                                           cache::Cache& cache, const PipelineOptions& options, Progress& progress);

// Resolves now: the lock that `reburst lock` writes.
[[nodiscard]] Result<lock::Lock> make_lock_of(const recipe::Recipe& recipe, cache::Cache& cache,
                                              const PipelineOptions& options, Progress& progress);

struct Build {
  describe::Manifest manifest;
  std::filesystem::path folder;  // out/ROLE/VERSION
  bool unchanged = false;        // nothing had to be done: the folder already held exactly this build
};

// Recipe to release folder. The folder appears complete, by rename, or not at all.
[[nodiscard]] Result<Build> build(const std::string& role, cache::Cache& cache, const PipelineOptions& options,
                                  Progress& progress);

}  // namespace reburst
