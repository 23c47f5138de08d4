#include "tests/unit/chunks/images.hpp"

#include <gtest/gtest.h>

namespace reburst::chunks {

std::string noise(std::uint64_t seed, std::size_t size) {
  std::string out;
  out.reserve(size + 8);
  std::uint64_t state = seed * 0x9e3779b97f4a7c15 + 1;
  while (out.size() < size) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    out.append(reinterpret_cast<const char*>(&state), sizeof state);
  }
  out.resize(size);
  return out;
}

std::filesystem::path Bench::put(const std::string& name, const std::string& content) const {
  EXPECT_TRUE(write_file_atomic(path(name), content));
  return path(name);
}

std::string Bench::read(const std::string& name) const {
  return read_file(path(name), std::uint64_t{1} << 32U).value();
}

Index Bench::publish(const std::filesystem::path& image, const Boundaries& boundaries) const {
  auto index = cut(image, boundaries, 2, silent_progress());
  EXPECT_TRUE(index) << (index ? "" : index.error().render());
  const auto stored = store_chunks(*index, image, store(), 2, silent_progress());
  EXPECT_TRUE(stored) << (stored ? "" : stored.error().render());
  return *std::move(index);
}

Fetch counting(Fetch inner, std::size_t& asked) {
  return [inner = std::move(inner), &asked](std::span<const Wanted> wanted, const auto& take) {
    asked += wanted.size();
    return inner(wanted, take);
  };
}

}  // namespace reburst::chunks
