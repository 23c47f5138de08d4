#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/result.hpp"

namespace reburst::signing {

enum class KeyType { kEd25519, kEcdsaP256 };

// A public key: Ed25519 (RFC 8032) or ECDSA on P-256 with SHA-256 (FIPS 186-5). Cheap to copy; verify() may be called
// from several threads.
class PublicKey {
 public:
  // SubjectPublicKeyInfo as PEM (RFC 7468). kSignature for any other algorithm or curve, and for malformed text; `name`
  // is quoted in the error.
  [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem, std::string_view name);
  // The same from a TUF key object (TUF 1.0.30, 4.2): keytype "ed25519" (32 bytes in hexadecimal) or "ecdsa" (PEM; the
  // older name "ecdsa-sha2-nistp256" too), with the scheme that belongs to it. to_tuf() gives this very object back.
  [[nodiscard]] static Result<PublicKey> from_tuf(const Json& key, std::string_view name);

  [[nodiscard]] KeyType type() const;
  [[nodiscard]] const std::string& pem() const;  // with its final newline
  [[nodiscard]] const std::string& der() const;  // SubjectPublicKeyInfo
  [[nodiscard]] Json to_tuf() const;
  // 64 hexadecimal digits: SHA-256 of the canonical form of to_tuf() (TUF 1.0.30, 4.2). What every message calls the
  // key. One key may have several: compare keys by ==.
  [[nodiscard]] const std::string& id() const;

  // `signature`: 64 bytes for Ed25519, DER for ECDSA. False for whatever is not a signature of these bytes by this key.
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

  bool operator==(const PublicKey& other) const;

 private:
  struct State;
  explicit PublicKey(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

}  // namespace reburst::signing
