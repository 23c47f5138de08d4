#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/registry_options.hpp"
#include "core/digest.hpp"

namespace reburst::cli {

// Where the key is that signs boot programs.
struct SecureBootOptions {
  RegistryOptions keys;  // of it --keys, --passphrase-fd and --pkcs11-module
  std::string key, certificate;
  bool unsigned_program = false;
};

// --secure-boot-key, --secure-boot-cert, --unsigned, --keys, --passphrase-fd, --pkcs11-module.
void add_secure_boot_options(CLI::App& app, SecureBootOptions& options);

// KEYS/secure-boot
[[nodiscard]] std::filesystem::path secure_boot_folder(const Session& session, const RegistryOptions& options);

// The key that was named, else db.pem of the key folder where that is; nothing: what is built is not signed.
[[nodiscard]] Result<std::optional<image::BootSigner>> boot_signer(const Session& session,
                                                                   const SecureBootOptions& options);

// What firmware knows a release by: the Authenticode digest of its UKI. `subject`: a role, a release folder (whose
// manifest the UKI must match), or an .efi file.
[[nodiscard]] Result<Digest> boot_digest(const Session& session, const std::string& subject);

// "key create --secure-boot" and "key nvram".
VerbResult create_secure_boot_keys(const Session& session, const RegistryOptions& options, bool encrypt);
Verb add_key_nvram(CLI::App& key, Session& session);

}  // namespace reburst::cli
