#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/authenticode/certificate.hpp"
#include "signing/sign/signer.hpp"

namespace reburst::firmware {

// A private RSA key that firmware knows by its certificate. RSA is for firmware alone: nothing else of a release is
// signed with it. Cheap to copy.
class FirmwareKey {
 public:
  // `where` as signing::open_signer() takes it. kSignature when key and certificate are no pair.
  [[nodiscard]] static Result<FirmwareKey> open(const std::string& where, authenticode::Certificate certificate,
                                                const signing::AskPassphrase& ask, const std::string& pkcs11_module);

  [[nodiscard]] const authenticode::Certificate& certificate() const;
  // RSASSA-PKCS1-v1_5 with SHA-256: same message, same signature. Fits authenticode::SignBytes.
  [[nodiscard]] Result<std::string> operator()(std::string_view message) const;

 private:
  struct State;
  explicit FirmwareKey(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

// A new RSA key of 2048 bits as create_key() writes one, and a certificate in PEM that it signed for itself, valid for
// 20 years from `now`.
struct NewFirmwareKey {
  std::string private_pem, certificate_pem;
};
[[nodiscard]] NewFirmwareKey make_firmware_key(const std::string& common_name, Epoch now, std::string_view passphrase);

}  // namespace reburst::firmware
