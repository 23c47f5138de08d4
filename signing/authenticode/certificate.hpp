#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/digest.hpp"
#include "core/result.hpp"

struct x509_st;

namespace reburst::authenticode {

// An X.509 certificate (RFC 5280) of an RSA key of 2048 to 4096 bits, which is what firmware takes. Who issued it and
// until when it is valid means nothing: firmware looks for the very certificate in its list, and knows no trusted time.
// Cheap to copy.
class Certificate {
 public:
  // One certificate in PEM or DER. kSignature when it is none, or of another key; `name` is quoted.
  [[nodiscard]] static Result<Certificate> parse(std::string_view text, std::string_view name);

  [[nodiscard]] const std::string& der() const;
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] Digest fingerprint() const;             // SHA-256 of der()
  [[nodiscard]] const std::string& subject() const;     // "CN=…", for messages
  [[nodiscard]] std::string issuer_and_serial() const;  // IssuerAndSerialNumber (RFC 2315, 6.7) in DER
  [[nodiscard]] x509_st* native() const;                // OpenSSL's; not to be changed
  // Whether `signature` is RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2) of these bytes by this certificate's key.
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

 private:
  struct State;
  explicit Certificate(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

}  // namespace reburst::authenticode
