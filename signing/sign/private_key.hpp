#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/handle.hpp"
#include "core/result.hpp"
#include "signing/sign/signer.hpp"

struct evp_pkey_st;

// What the makers of a Signer share.
namespace reburst::signing {

void free_private_key(evp_pkey_st* key);
using PrivateKey = Handle<evp_pkey_st, &free_private_key>;

// A text that nobody can read in memory once this is gone; on the heap, since a short string that is moved leaves its
// bytes behind.
class Secret {
 public:
  explicit Secret(std::string&& text);  // wipes what it was given
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) = delete;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();
  [[nodiscard]] const std::string& text() const { return *text_; }

 private:
  std::unique_ptr<std::string> text_;
};

// The passphrase that `ask` gives; what it passed through is wiped.
[[nodiscard]] Result<Secret> ask_secret(const AskPassphrase& ask, std::string_view what);
// Overwrites a text that held a secret and empties it.
void wipe(std::string& text);

// A Signer around a key of OpenSSL. kSignature when its public key is none that PublicKey takes.
[[nodiscard]] Result<std::unique_ptr<Signer>> make_signer(PrivateKey key, const std::string& name);

// Keys of any algorithm, as open_signer() finds them: from a file, from a token, from either.
[[nodiscard]] Result<PrivateKey> load_key_file(const std::filesystem::path& path, const AskPassphrase& ask);
[[nodiscard]] Result<PrivateKey> load_token_key(const std::string& uri, const AskPassphrase& ask,
                                                const std::string& module);
[[nodiscard]] Result<PrivateKey> load_private_key(const std::string& where, const AskPassphrase& ask,
                                                  const std::string& module);

// A private key as create_key() writes it. Nothing the user gave can make it fail.
[[nodiscard]] Secret private_pem(const PrivateKey& key, std::string_view passphrase);

// Whether a key's place is a token's URI rather than a file, and the place without a PIN, fit for messages.
[[nodiscard]] bool is_token_key(std::string_view where);
[[nodiscard]] std::string key_name(const std::string& where);

// The public key as SubjectPublicKeyInfo PEM.
[[nodiscard]] std::string public_pem(evp_pkey_st* key);

}  // namespace reburst::signing
