#pragma once

#include <filesystem>
#include <vector>

namespace reburst::registry {

// Files below `registry` that are removed again unless somebody keeps them: a change that is refused leaves nothing.
class Placed {
 public:
  explicit Placed(std::filesystem::path registry) : registry_(std::move(registry)) {}
  Placed(const Placed&) = delete;
  Placed& operator=(const Placed&) = delete;
  Placed(Placed&& other) noexcept : registry_(std::move(other.registry_)), files_(std::move(other.files_)) {
    other.files_.clear();
  }
  Placed& operator=(Placed&&) = delete;
  ~Placed();

  void add(const std::filesystem::path& file);  // which is not there yet, else it is somebody else's
  void keep() { files_.clear(); }

 private:
  std::filesystem::path registry_;
  std::vector<std::filesystem::path> files_;
};

}  // namespace reburst::registry
