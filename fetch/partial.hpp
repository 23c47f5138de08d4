#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "core/handle.hpp"
#include "core/result.hpp"

namespace reburst::fetch {

// A download that grows in the cache's partial/, held by one process at a time (flock). It stays when the process dies,
// and the next one goes on where it ended.
class Partial {
 public:
  // Nothing when another process holds it.
  [[nodiscard]] static Result<std::optional<Partial>> open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Writes at `at`, which is the present size, or 0 to start again.
  [[nodiscard]] Result<> write(std::uint64_t at, std::span<const std::byte> bytes);
  [[nodiscard]] Result<> restart();
  // Takes the content of a local file instead.
  [[nodiscard]] Result<> copy_from(const std::filesystem::path& file, std::uint64_t size);
  // Removes the file: nothing in it is of use.
  void discard();

 private:
  Partial(std::filesystem::path path, Fd file, std::uint64_t size)
      : path_(std::move(path)), file_(std::move(file)), size_(size) {}

  std::filesystem::path path_;
  Fd file_;
  std::uint64_t size_ = 0;
};

}  // namespace reburst::fetch
