#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "signing/verify/key.hpp"

namespace reburst::signing {

// Something that signs: a key in a file, or one that never leaves its token.
class Signer {
 public:
  Signer() = default;
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  Signer(Signer&&) = delete;
  Signer& operator=(Signer&&) = delete;
  virtual ~Signer() = default;

  [[nodiscard]] virtual const PublicKey& public_key() const = 0;
  // A signature as PublicKey::verify() takes it; verified with the public key before it is returned (kSignature when
  // the token gives another one).
  [[nodiscard]] virtual Result<std::string> sign(std::string_view message) const = 0;
};

// Asked for when a key needs it: the passphrase of `what` (a file's name, a token's URI without its PIN). kUsage when
// there is none.
using AskPassphrase = std::function<Result<std::string>(std::string_view what)>;

// `where`: the path of an encrypted or plain PKCS#8 PEM file, or a "pkcs11:" URI (RFC 7512) of a private key, for
// which OpenSSL's PKCS#11 engine and the module that the URI or `pkcs11_module` names are used. kMissing when it is not
// there, kEnvironment for a file that others may read and for a token that cannot be used here, kUsage for a wrong
// passphrase or PIN, kSignature for another kind of key.
[[nodiscard]] Result<std::unique_ptr<Signer>> open_signer(const std::string& where, const AskPassphrase& ask,
                                                          const std::string& pkcs11_module = {});

// Makes a key pair: FILE (PKCS#8 PEM, mode 0600; encrypted with AES-256-CBC, PBKDF2 when `passphrase` is not empty) and
// public_key_file(FILE) (SubjectPublicKeyInfo PEM). Refuses (kUsage) when either is there.
[[nodiscard]] Result<PublicKey> create_key(const std::filesystem::path& file, KeyType type,
                                           std::string_view passphrase);

// Where the public key of a private one lies: "root.pub" for "root.pem", "root.key.pub" for "root.key".
[[nodiscard]] std::filesystem::path public_key_file(const std::filesystem::path& file);

}  // namespace reburst::signing
