#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "registry/chunks/chunks.hpp"

// Images for tests: made of noise that a number decides, so that every run has the same.
namespace reburst::chunks {

// `size` bytes that do not compress.
[[nodiscard]] std::string noise(std::uint64_t seed, std::size_t size);

// A scratch folder, and what tests of chunks do in it.
class Bench {
 public:
  Bench() : folder_(TempDirectory::make("/tmp", "chunks").value()) {}
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  // Writes a file and returns its path.
  std::filesystem::path put(const std::string& name, const std::string& content) const;
  [[nodiscard]] std::string read(const std::string& name) const;
  // Cuts an image and stores its chunks in "store".
  [[nodiscard]] Index publish(const std::filesystem::path& image, const Boundaries& boundaries = {}) const;
  [[nodiscard]] std::filesystem::path store() const { return path("store"); }
  [[nodiscard]] std::filesystem::path chunk(const Chunk& one) const { return store() / one.id.path(); }

 private:
  TempDirectory folder_;
};

// What `fetch` was asked for, in bytes of plain chunks, and the port itself around another one.
[[nodiscard]] Fetch counting(Fetch inner, std::size_t& asked);

}  // namespace reburst::chunks
