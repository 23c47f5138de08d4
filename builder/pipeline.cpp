#include "builder/pipeline.hpp"

#include <algorithm>

#include "builder/attest/attest.hpp"
#include "builder/find_lock.hpp"
#include "builder/harden/harden.hpp"
#include "builder/image/image.hpp"
#include "builder/image/mkfs_erofs.hpp"
#include "builder/lock/make_lock.hpp"
#include "builder/release_folder.hpp"
#include "builder/tree/promises.hpp"
#include "builder/tree/tree.hpp"
#include "core/json.hpp"
#include "core/place_folder.hpp"
#include "core/text.hpp"
#include "fetch/uri.hpp"

namespace reburst {

namespace {

// The lock of this build, and the archive when it had to be opened for it.
struct Locked {
  lock::Lock lock;
  std::optional<source::Archive> archive;
};

Result<Locked> lock_for(const std::string& role, const recipe::Recipe& recipe, cache::Cache& cache,
                        const PipelineOptions& options, Progress& progress) {
  auto found = REBURST_TRY(find_lock_of(role, recipe, options));
  if (found) return Locked{std::move(*found), std::nullopt};
  auto archive = REBURST_TRY(open_archive_of(recipe, cache, options, progress));
  auto lock = REBURST_TRY(lock_from(recipe, archive, cache, options, progress));
  return Locked{std::move(lock), std::move(archive)};
}

// Where the bytes of a locked package may be had. The mirrors come from the machine, never from the lock, and are asked
// for only when the cache lacks a package.
Result<std::vector<fs::path>> fetch_packages(const recipe::Recipe& recipe, const Locked& locked, cache::Cache& cache,
                                             const PipelineOptions& options, Progress& progress) {
  const auto& lock = locked.lock;
  std::vector<fetch::Item> items;
  bool complete = true;
  for (const auto& package : lock.packages) {
    fetch::Item item{
        .name = package.name + " " + package.version, .uris = {}, .size = package.size, .sha256 = package.sha256};
    if (lock::is_local(package)) {
      for (const auto& file : recipe.packages.local) {
        if (file.filename() == package.path)
          item.uris.push_back("file://" + fetch::escape_path(fs::absolute(file).string()));
      }
    }
    complete = complete && REBURST_TRY(fetch::find_cached(item, cache)).has_value();
    items.push_back(std::move(item));
  }
  auto fetch_options = options.fetch;
  if (!complete && !options.fetch.offline) {
    const auto mirrors =
        locked.archive ? *locked.archive : REBURST_TRY(open_archive_of(recipe, cache, options, progress));
    fetch_options.proxy = mirrors.proxy;
    for (std::size_t i = 0; i < items.size(); ++i) {
      for (auto& uri : lock::find_uris(lock.packages[i], mirrors)) items[i].uris.push_back(std::move(uri));
    }
  }
  return fetch::get_all(items, cache, fetch_options, progress);
}

struct Inputs {
  std::vector<tree::PackageFile> packages;  // to install
  fs::path boot_stub;                       // the package of the EFI stub, installed or not; empty without a kernel
};

Inputs sort_inputs(const lock::Lock& lock, const std::vector<fs::path>& files) {
  Inputs out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& package = lock.packages[i];
    if (!package.build_only) out.packages.push_back({&package, files[i]});
    if (package.name == lock::kBootStubPackage) out.boot_stub = files[i];
  }
  return out;
}

// Everything that decides a build's bytes (invariant 1), as one digest.
Result<Digest> build_key(const recipe::Recipe& recipe, const lock::Lock& lock, const PipelineOptions& options) {
  Json inputs = {{"recipe", recipe.merged}, {"lock", lock::digest(lock).hex()}, {"tool", options.tool.hex()}};
  // An image without a kernel has no initrd to hold it.
  if (!recipe.kernel.package.empty() && !options.trust_root.empty())
    inputs["trust_root"] = sha256(options.trust_root).hex();
  if (recipe.image.compression != "none") inputs["compressor"] = REBURST_TRY(image::compressor_version());
  if (options.boot_signer && !recipe.kernel.package.empty())
    inputs["boot_signer"] = options.boot_signer->certificate.hex();
  if (options.boot_signer && options.boot_signer->secure_boot_pcr && !recipe.kernel.package.empty())
    inputs["secure_boot_pcr"] = options.boot_signer->secure_boot_pcr->hex();
  return sha256(canonical_json(inputs));
}

// An image, and what was learnt while it was made.
struct Made {
  image::Image image;
  std::vector<harden::Finding> controls;
  attest::Licences licences;
};

Result<Made> assemble(const recipe::Recipe& recipe, const lock::Lock& lock, const Inputs& inputs, const fs::path& work,
                      const fs::path& output, std::string_view version, const PipelineOptions& options,
                      Progress& progress) {
  const tree::TreeOptions tree_options{.work = work / "tree",
                                       .epoch = lock.epoch,
                                       .jobs = options.jobs,
                                       .provided = request_of(recipe).provided,
                                       .exclude = recipe.image.exclude};
  REBURST_TRY(make_directories(tree_options.work));
  auto tree = REBURST_TRY(tree::make_tree(recipe, inputs.packages, tree_options, progress));
  auto licences = REBURST_TRY(attest::read_licences(tree, lock));
  REBURST_TRY(tree::customise(tree, recipe, tree_options, progress));
  const auto promises = REBURST_TRY(tree::promised_files(tree, recipe));
  auto controls = REBURST_TRY(harden::harden(tree));
  REBURST_TRY(tree::normalise(tree, recipe, tree_options));
  REBURST_TRY(tree::require_promised(tree, promises));
  REBURST_TRY(tree::require_excluded(tree, recipe));

  const image::ImageOptions image_options{.work = work / "image",
                                          .output = output,
                                          .role = recipe.role,
                                          .version = std::string(version),
                                          .epoch = lock.epoch,
                                          .jobs = options.jobs,
                                          .trust_root = options.trust_root,
                                          .boot_stub_package = inputs.boot_stub,
                                          .boot_signer = options.boot_signer};
  REBURST_TRY(make_directories(image_options.work));
  auto image = REBURST_TRY(image::make_image(tree, recipe, image_options, progress));
  return Made{std::move(image), std::move(controls), std::move(licences)};
}

// A finding means that the image is not what its recipe promises: nothing is released.
Result<> require_passed(const std::vector<harden::Finding>& controls) {
  std::string failed;
  for (const auto& control : controls) {
    if (!control.passed) failed += "\n  " + control.control + ": " + control.detail;
  }
  if (failed.empty()) return {};
  return fail(ErrorCode::kAudit, "the image violates its hardening controls" + failed,
              "change the recipe so that the control passes; nothing was written");
}

}  // namespace

namespace {

// Such an image would refuse every boot.
Result<> require_trust_root(const recipe::Recipe& recipe, const PipelineOptions& options) {
  if (recipe.boot.ticket != "required" || recipe.kernel.package.empty() || !options.trust_root.empty()) return {};
  return fail(ErrorCode::kUsage,
              "\"" + recipe.role + "\" requires release tickets, and no root was named to check them with",
              "name the registry's root.json with --trust-root");
}

}  // namespace

Result<Build> build(const std::string& role, cache::Cache& cache, const PipelineOptions& options, Progress& progress) {
  const auto recipe = REBURST_TRY(recipe::load(role, {.recipes = options.recipes}));
  REBURST_TRY(require_trust_root(recipe, options));
  const auto locked = REBURST_TRY(lock_for(role, recipe, cache, options, progress));
  const auto& lock = locked.lock;
  const auto version = version_time(lock.epoch);
  const auto folder = options.out / recipe.role / version;
  const auto key = REBURST_TRY(build_key(recipe, lock, options));
  if (auto manifest = REBURST_TRY(find_unchanged(folder, key, cache, options.jobs)))
    return Build{std::move(*manifest), folder, true};
  const auto made_folders = REBURST_TRY(prepare_place(folder));

  const auto files = REBURST_TRY(fetch_packages(recipe, locked, cache, options, progress));
  if (!locked.archive) REBURST_TRY(require_essential(role, recipe, lock, cache, options));
  const auto work = REBURST_TRY(cache.make_temp("build"));
  const auto output = work.path() / "release";
  REBURST_TRY(make_directories(output));
  auto made =
      REBURST_TRY(assemble(recipe, lock, sort_inputs(lock, files), work.path(), output, version, options, progress));
  REBURST_TRY(require_passed(made.controls));

  progress.begin("describe", 0, Progress::Unit::kItems);
  const attest::Build known{recipe, lock, made.licences, made.image, version};
  for (auto& artifact : REBURST_TRY(attest::write_statements(output, known, options.jobs)))
    made.image.artifacts.push_back(std::move(artifact));
  auto manifest = describe::make_manifest(recipe, lock, made.image, made.controls, version);
  REBURST_TRY(describe::write_descriptions(output, manifest, lock));
  REBURST_TRY(place_folder(output, folder));
  REBURST_TRY(remember_build(folder, key, cache));
  return Build{std::move(manifest), folder, false};
}

}  // namespace reburst
