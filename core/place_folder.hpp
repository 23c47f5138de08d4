#pragma once

#include <filesystem>
#include <set>
#include <utility>
#include <vector>

#include "core/result.hpp"

// How a folder that was made elsewhere gets to its place: whole, or not at all.
namespace reburst {

// Folders that were made for something to come: those that are empty at the end go again.
class MadeFolders {
 public:
  explicit MadeFolders(std::vector<std::filesystem::path> made) : made_(std::move(made)) {}
  MadeFolders(const MadeFolders&) = delete;
  MadeFolders& operator=(const MadeFolders&) = delete;
  MadeFolders(MadeFolders&& other) noexcept : made_(std::exchange(other.made_, {})) {}
  MadeFolders& operator=(MadeFolders&&) = delete;
  ~MadeFolders();

 private:
  std::vector<std::filesystem::path> made_;  // the deepest first
};

// Makes the folder above `target` and tries whether it can be written, before hours of work are lost on it; sweeps what
// a process that was killed left there. Keep the result until `target` is in its place.
[[nodiscard]] Result<MadeFolders> prepare_place(const std::filesystem::path& target);

// `out` as it was before a process worked in it.
class Before {
 public:
  explicit Before(std::filesystem::path out);
  // Removes what the process left when it was killed: its half copies and the empty folders that it made.
  void sweep() const;

 private:
  std::filesystem::path out_;
  std::vector<std::filesystem::path> missing_;  // `out` and folders above it, the deepest first
  std::set<std::filesystem::path> present_;     // in `out`
};

// Moves `made` to `target` so that a reader sees the old folder, the new one, or none; across file systems it is copied
// beside the target first.
[[nodiscard]] Result<> place_folder(const std::filesystem::path& made, const std::filesystem::path& target);

}  // namespace reburst
