#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "boot/json.hpp"
#include "boot/result.hpp"

namespace reburst::boot {

using Sha256 = std::array<std::uint8_t, 32>;
[[nodiscard]] Sha256 sha256(std::string_view bytes);

// Ed25519 (RFC 8032), or ECDSA on P-256 with SHA-256 (FIPS 186-5).
struct PublicKey {
  enum class Type : std::uint8_t { kEd25519, kP256 };
  Type type = Type::kEd25519;
  std::array<std::uint8_t, 64> bytes{};  // 32 of Ed25519; x and y of P-256

  bool operator==(const PublicKey&) const = default;
};

// From a TUF key object (TUF 1.0.30, 4.2). False for any other algorithm or curve, another encoding than the one that
// each has here, and a point that is not on the curve.
[[nodiscard]] bool read_key(Json object, PublicKey& key);

// `signature`: lower-case hexadecimal digits of 64 bytes for Ed25519, of DER for ECDSA. False for whatever is not a
// signature of these bytes by this key.
[[nodiscard]] bool verify(const PublicKey& key, std::string_view message, std::string_view signature);

}  // namespace reburst::boot
