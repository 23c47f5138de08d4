#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>

#include "core/result.hpp"

namespace reburst::resolve {

// A file's content in memory, read as it is needed. The file is one of the cache's: nobody changes it.
class Mapping {
 public:
  // kIntegrity when the file has not this size, or is larger than 4 GiB.
  [[nodiscard]] static Result<Mapping> open(const std::filesystem::path& path, std::uint64_t size);
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping(Mapping&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  Mapping() = default;
  std::string_view text_;
};

}  // namespace reburst::resolve
