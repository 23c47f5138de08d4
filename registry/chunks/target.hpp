#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "core/handle.hpp"
#include "core/result.hpp"

namespace reburst::chunks {

// The file that an image is assembled in, written at any place from any thread.
class Target {
 public:
  // Opens or makes it, and gives it its size at once: what is missing is a hole. A link is refused.
  [[nodiscard]] static Result<Target> open(const std::filesystem::path& path, std::uint64_t size);
  // Whether it had content before: a fresh file has nothing that could be right, or has to be overwritten by zeros.
  [[nodiscard]] bool had_content() const { return had_content_; }
  [[nodiscard]] Result<> read(std::uint64_t offset, std::span<std::byte> buffer) const;
  // Whole blocks of zeros become holes, where the file system has them.
  [[nodiscard]] Result<> write(std::uint64_t offset, std::span<const std::byte> bytes) const;
  // Everything is on disk then.
  [[nodiscard]] Result<> close();

 private:
  Target(Fd fd, std::string name, bool had_content)
      : fd_(std::move(fd)), name_(std::move(name)), had_content_(had_content) {}
  [[nodiscard]] Result<> clear(std::uint64_t offset, std::span<const std::byte> zeros) const;
  Fd fd_;
  std::string name_;
  bool had_content_ = false;
};

}  // namespace reburst::chunks
