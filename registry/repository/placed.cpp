#include "registry/repository/placed.hpp"

#include <system_error>

#include "core/file.hpp"

namespace reburst::registry {

void Placed::add(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) files_.push_back(file);
}

void Placed::add_tree(const fs::path& folder) {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(folder, ignored))) return;
  auto top = folder;
  while (top.parent_path() != registry_ && top.has_relative_path() && !fs::exists(top.parent_path(), ignored))
    top = top.parent_path();
  trees_.push_back(top);
}

void Placed::keep() {
  files_.clear();
  trees_.clear();
  made_.clear();
}

Placed::~Placed() {
  std::error_code ignored;  // what cannot be removed, gc finds
  for (const auto& file : files_) fs::remove(file, ignored);
  for (const auto& file : files_) {
    for (auto folder = file.parent_path(); folder != registry_ && folder.has_relative_path();
         folder = folder.parent_path()) {
      if (!fs::remove(folder, ignored)) break;  // not empty, or gone already
    }
  }
  for (const auto& tree : trees_) (void)remove_tree(tree);
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) {
    if (!fs::remove(*folder, ignored)) break;
    if (folder == made_.rbegin()) fs::remove(registry_ / ".lock", ignored);
  }
}

}  // namespace reburst::registry
