#include "registry/repository/placed.hpp"

#include <system_error>

namespace reburst::registry {

void Placed::add(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) files_.push_back(file);
}

Placed::~Placed() {
  std::error_code ignored;  // what cannot be removed, gc finds
  for (const auto& file : files_) std::filesystem::remove(file, ignored);
  for (const auto& file : files_) {
    for (auto folder = file.parent_path(); folder != registry_ && folder.has_relative_path();
         folder = folder.parent_path()) {
      if (!std::filesystem::remove(folder, ignored)) break;  // not empty, or gone already
    }
  }
}

}  // namespace reburst::registry
