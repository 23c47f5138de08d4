#pragma once

#include <filesystem>
#include <vector>

namespace reburst::registry {

// What was put below `registry` and is removed again unless somebody keeps it: a change that is refused leaves nothing.
class Placed {
 public:
  explicit Placed(std::filesystem::path registry) : registry_(std::move(registry)) {}
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;
  Placed(Placed&& other) noexcept
      : registry_(std::move(other.registry_)),
        files_(std::move(other.files_)),
        trees_(std::move(other.trees_)),
        made_(std::move(other.made_)) {
    other.keep();
  }
  Placed& operator=(Placed&&) = delete;
  ~Placed();

  // Each is about to be made; what is there already is somebody else's.
  void add(const std::filesystem::path& file);
  void add_tree(const std::filesystem::path& folder);
  // These folders, the innermost last, were made for a registry that is new: they go with its lock when they are empty.
  void add_registry(std::vector<std::filesystem::path> made) { made_ = std::move(made); }
  void keep();

 private:
  std::filesystem::path registry_;
  std::vector<std::filesystem::path> files_, trees_, made_;
};

}  // namespace reburst::registry
