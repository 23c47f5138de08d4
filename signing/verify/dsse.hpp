#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/result.hpp"
#include "signing/verify/key.hpp"

namespace reburst::signing {

inline constexpr std::string_view kInTotoType = "application/vnd.in-toto+json";

// A Dead Simple Signing Envelope (DSSE 1.0), parsed and not yet verified.
struct Envelope {
  struct Signature {
    std::string keyid;  // a hint, may be empty
    std::string value;  // bytes
  };
  std::string payload_type;
  std::string payload;  // decoded
  std::vector<Signature> signatures;
};

// The bytes that are signed: "DSSEv1 LEN(type) type LEN(body) body".
[[nodiscard]] std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload);

// kIntegrity when it is no envelope, has no or more than 64 signatures, or base64 that is not canonical (standard
// alphabet, padded).
[[nodiscard]] Result<Envelope> parse_envelope(std::string_view text, std::string_view name);

// The payload when at least `threshold` different ones of `keys` signed it as `payload_type`; otherwise kSignature.
[[nodiscard]] Result<std::string> verify_envelope(const Envelope& envelope, std::string_view payload_type,
                                                  const std::vector<PublicKey>& keys, unsigned threshold,
                                                  std::string_view name);

// Standard base64 (RFC 4648, 4), padded.
[[nodiscard]] std::string base64(std::string_view bytes);
[[nodiscard]] Result<std::string> parse_base64(std::string_view text, std::string_view name);

}  // namespace reburst::signing
