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

// An image, read at any place from any thread.
class ImageFile {
 public:
  // kMissing when it is not there; files and block devices alike.
  [[nodiscard]] static Result<ImageFile> open(const std::filesystem::path& path);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  // All of `buffer`; kIo when the file ends before.
  [[nodiscard]] Result<> read(std::uint64_t offset, std::span<std::byte> buffer) const;

 private:
  ImageFile(Fd fd, std::uint64_t size, std::string name) : fd_(std::move(fd)), size_(size), name_(std::move(name)) {}
  Fd fd_;
  std::uint64_t size_ = 0;
  std::string name_;
};

}  // namespace reburst::chunks
