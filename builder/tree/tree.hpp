#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "builder/lock/lock.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// A root file system on disk, normalised: every time stamp is the epoch, nothing of the build machine is left in it.
// Owners and modes on disk are those of the image (in a user namespace: as seen from inside it).
struct Tree {
  std::filesystem::path root;
  // The image's layout: files of each package in the order of the lock, then everything that no package owns.
  // Paths are absolute inside the image, by the file's real (merged-/usr) name.
  struct PackageFiles {
    std::string package;             // empty: owned by none
    std::vector<std::string> paths;  // sorted
  };
  std::vector<PackageFiles> layout;
  // What make_tree() knows of owners: per package, in the order given, the real paths without a leading slash.
  // normalise() turns it into `layout`; it is kept apart because hardening removes dpkg's own lists.
  std::vector<PackageFiles> owned;
};

struct PackageFile {
  const lock::LockedPackage* package = nullptr;
  std::filesystem::path file;  // verified .deb
};

struct TreeOptions {
  std::filesystem::path work;  // an empty folder; the tree is made at work/"root"
  Epoch epoch = 0;
  std::size_t jobs = 1;
  std::vector<std::string> provided;  // virtual packages that the builder itself offers (linux-initramfs-tool): dpkg
                                      // sees them as installed while it configures, and no trace of them stays
  std::vector<std::string> exclude;   // image.exclude: of this, make_tree() need not unpack what Skip (skip.hpp) names
};

// Makes the calling process root in a user namespace with subordinate ids when it is not root already; call before any
// thread exists. kEnvironment with a hint when /etc/subuid or newuidmap is missing.
[[nodiscard]] Result<> become_root();

// Unpacks, configures (maintainer scripts in a sandbox without network), without anything of the recipe but debconf
// answers: what mmdebstrap would make of the same packages.
[[nodiscard]] Result<Tree> make_tree(const recipe::Recipe& recipe, const std::vector<PackageFile>& packages,
                                     const TreeOptions& options, Progress& progress);

// The recipe's own part, in this order: users, files, run, services, what the image excludes. Hardening comes after all
// of it, so that no control stands on a file that is taken away later.
[[nodiscard]] Result<> customise(Tree& tree, const recipe::Recipe& recipe, const TreeOptions& options,
                                 Progress& progress);

// Removes what differs between two builds (logs, caches, machine identity, backup files), sets every time
// stamp to the epoch and fills `layout`. The last step before the image.
[[nodiscard]] Result<> normalise(Tree& tree, const recipe::Recipe& recipe, const TreeOptions& options);

}  // namespace reburst::tree
