#pragma once

#include <filesystem>

#include "core/handle.hpp"
#include "core/result.hpp"

namespace reburst::bundle {

// Where an import works: ".NAME.importing" beside the registry NAME, on the same file system, so that what is made
// there gets to its place by a rename. One import at a time; what one that was killed left is removed by the next, and
// what this one leaves when it goes.
class Workplace {
 public:
  // kUsage while another import works there.
  [[nodiscard]] static Result<Workplace> open(const std::filesystem::path& registry);
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  Workplace(Workplace&& other) noexcept;
  Workplace& operator=(Workplace&&) = delete;
  ~Workplace();

  // An empty folder for the new registry.
  [[nodiscard]] std::filesystem::path made() const { return path_ / "registry"; }
  [[nodiscard]] std::filesystem::path scratch() const { return path_ / "scratch"; }
  // Where the registry is to stand, without links on the way.
  [[nodiscard]] const std::filesystem::path& target() const { return target_; }

  // Flushes what was made to disk and lets it take the registry's place.
  [[nodiscard]] Result<> place() const;

 private:
  Workplace(std::filesystem::path target, std::filesystem::path path, Fd lock)
      : target_(std::move(target)), path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path target_, path_;
  Fd lock_;
};

}  // namespace reburst::bundle
