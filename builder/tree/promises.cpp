#include "builder/tree/promises.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "builder/tree/beneath.hpp"
#include "core/file.hpp"

namespace reburst::tree {
namespace {

constexpr std::uint32_t kPermissions = 07777U;

// The paths in the image that one entry adds: itself, or the files below its folder.
Result<std::vector<std::string>> added_by(const recipe::FileEntry& entry) {
  std::error_code problem;
  if (!entry.from || !fs::is_directory(fs::symlink_status(*entry.from, problem))) return std::vector{entry.path};
  std::vector<std::string> paths;
  fs::recursive_directory_iterator at(*entry.from, problem);
  for (const fs::recursive_directory_iterator end; !problem && at != end; at.increment(problem)) {
    if (at->symlink_status(problem).type() == fs::file_type::directory) continue;
    paths.push_back((fs::path(entry.path) / at->path().lexically_relative(*entry.from)).string());
  }
  if (problem) return fail(system_error("cannot list \"" + entry.from->string() + "\"", problem.value()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool excluded(const recipe::Recipe& recipe, const std::string& path) {
  return std::any_of(recipe.image.exclude.begin(), recipe.image.exclude.end(),
                     [&](const std::string& prefix) { return path == prefix || path.starts_with(prefix + "/"); });
}

Error broken(const std::string& path, const std::string& how) {
  return {ErrorCode::kRecipe, "the recipe adds the file \"" + path + "\", but in the image it " + how,
          "no image keeps package managers, setuid bits, or files in folders that are empty at boot; see "
          "docs/reference/hardening.md"};
}

}  // namespace

Result<std::vector<Promise>> promised_files(const Tree& tree, const recipe::Recipe& recipe) {
  const Beneath root = REBURST_TRY(Beneath::open(tree.root));
  std::vector<Promise> promises;
  for (const auto& entry : recipe.files) {
    for (const auto& path : REBURST_TRY(added_by(entry))) {
      const auto info = REBURST_TRY(root.examine(path));
      if (!info && excluded(recipe, path)) return fail(broken(path, "is excluded"));
      if (!info) continue;  // a command of the recipe took it away again
      promises.push_back({path, static_cast<std::uint64_t>(info->st_size), info->st_mode & kPermissions});
    }
  }
  return promises;
}

Result<> require_promised(const Tree& tree, const std::vector<Promise>& promises) {
  const Beneath root = REBURST_TRY(Beneath::open(tree.root));
  for (const auto& promise : promises) {
    const auto info = REBURST_TRY(root.examine(promise.path));
    if (!info) return fail(broken(promise.path, "is not there"));
    if (static_cast<std::uint64_t>(info->st_size) != promise.size)
      return fail(broken(promise.path, "has other content"));
    if ((info->st_mode & kPermissions) != promise.mode) return fail(broken(promise.path, "has another mode"));
  }
  return {};
}

Result<> require_excluded(const Tree& tree, const recipe::Recipe& recipe) {
  const Beneath root = REBURST_TRY(Beneath::open(tree.root));
  for (const auto& path : recipe.image.exclude) {
    if (!REBURST_TRY(root.examine(path))) continue;
    return fail(ErrorCode::kRecipe,
                "the recipe excludes \"" + path + "\", which is a part of every image, or holds one",
                "hardening needs it, or the boot; see docs/reference/hardening.md, and take the line out");
  }
  return {};
}

}  // namespace reburst::tree
