#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/authenticode/certificate.hpp"
#include "signing/firmware/efi.hpp"
#include "signing/firmware/firmware_key.hpp"

// The three keys of Secure Boot as a folder (docs/formats/secure-boot-keys.md): PK, KEK and db, each as NAME.pem (the
// private key, mode 0600), NAME.crt and NAME.cer (the certificate in PEM and DER), NAME.esl and NAME.auth (for
// firmware), and nvram.fd, a virtual machine's NVRAM that has them.
namespace reburst::firmware {

inline constexpr std::string_view kFolder = "secure-boot";  // inside a key folder
inline constexpr std::string_view kNvram = "nvram.fd";

struct NewKeys {
  std::string name;             // begins the certificates' common names: "NAME Secure Boot db"
  Epoch now = 0;                // when the certificates begin, and the enrolment's time
  std::string_view passphrase;  // encrypts the private keys when it is not empty
  std::string_view blank;       // blank_nvram()
};

// Makes the folder whole, or not at all; kUsage when it is there.
[[nodiscard]] Result<> create_key_set(const std::filesystem::path& folder, const NewKeys& options);

// The public half: all that a firmware has to know.
struct Certificates {
  authenticode::Certificate platform_key, exchange_key, db;
};
// kMissing when the folder has none.
[[nodiscard]] Result<Certificates> read_certificates(const std::filesystem::path& folder);

[[nodiscard]] Result<authenticode::Certificate> read_certificate(const std::filesystem::path& file);

}  // namespace reburst::firmware
