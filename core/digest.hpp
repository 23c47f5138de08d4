#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst {

// A SHA-256 value (FIPS 180-4).
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  [[nodiscard]] std::string hex() const;  // 64 lower-case digits
  // Accepts exactly 64 hexadecimal digits of either case.
  [[nodiscard]] static std::optional<Digest> parse(std::string_view hex);
  auto operator<=>(const Digest&) const = default;
};

// Incremental SHA-256. Not thread-safe; finish() may be called once.
class Hasher {
 public:
  Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  [[nodiscard]] Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A SHA-1 value (FIPS 180-4), for foreign formats that demand one (SPDX 2.3, clauses 7.9 and 8.4). Nothing is verified
// by it.
struct Sha1 {
  std::array<std::uint8_t, 20> bytes{};

  [[nodiscard]] std::string hex() const;  // 40 lower-case digits
  auto operator<=>(const Sha1&) const = default;
};

// Incremental SHA-1, as Hasher.
class Sha1Hasher {
 public:
  Sha1Hasher();
  Sha1Hasher(const Sha1Hasher&) = delete;
  Sha1Hasher& operator=(const Sha1Hasher&) = delete;
  Sha1Hasher(Sha1Hasher&&) = delete;
  Sha1Hasher& operator=(Sha1Hasher&&) = delete;
  ~Sha1Hasher();
  void update(std::span<const std::byte> bytes);
  [[nodiscard]] Sha1 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Digest sha256(std::string_view bytes);

// Digest of a regular file's content, read in 1 MiB pieces.
[[nodiscard]] Result<Digest> sha256_file(const std::filesystem::path& path);

// SHA-256(salt ‖ block) without an allocation per call: the inner loop of a verity tree. Thread-safe.
[[nodiscard]] Digest sha256_salted(std::span<const std::byte> salt, std::span<const std::byte> block);

}  // namespace reburst
