#include "signing/sign/private_key.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace reburst::signing {

namespace {

using Context = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using Bio = Handle<BIO, &BIO_free>;

constexpr std::size_t kMaxSignature = 256;

class KeySigner final : public Signer {
 public:
  KeySigner(PrivateKey key, PublicKey public_key, std::string name)
      : key_(std::move(key)), public_key_(std::move(public_key)), name_(std::move(name)) {}

  [[nodiscard]] const PublicKey& public_key() const override { return public_key_; }

  [[nodiscard]] Result<std::string> sign(std::string_view message) const override {
    std::string signature(kMaxSignature, '\0');
    std::size_t size = signature.size();
    const char* digest = public_key_.type() == KeyType::kEd25519 ? nullptr : "SHA256";
    const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
    const Context context(EVP_MD_CTX_new());
    const bool made =
        context && EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key_.get(), nullptr) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                       message.size()) == 1;
    ERR_clear_error();
    if (!made) return refuse("it gives no signature", "try again; for a token, look whether it is still there");
    signature.resize(size);
    // A token, a broken machine or a fault of the memory may sign something else.
    if (!public_key_.verify(message, signature)) {
      return refuse("its signature does not verify with its public key", "do not use this key or this machine");
    }
    return signature;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> refuse(const std::string& why, const std::string& hint) const {
    return fail(ErrorCode::kSignature, "cannot sign with the private key \"" + name_ + "\": " + why, hint);
  }

  PrivateKey key_;
  PublicKey public_key_;
  std::string name_;
};

}  // namespace

void free_private_key(evp_pkey_st* key) {
  EVP_PKEY_free(key);
}

void wipe(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

Secret::Secret(std::string&& text) : text_(std::make_unique<std::string>(std::move(text))) {
  wipe(text);
}

Secret::~Secret() {
  if (text_) wipe(*text_);
}

Result<Secret> ask_secret(const AskPassphrase& ask, std::string_view what) {
  if (!ask) return fail(ErrorCode::kUsage, "\"" + std::string(what) + "\" needs a passphrase, and there is none");
  auto answer = ask(what);
  if (!answer) return fail(std::move(answer).error());
  return Secret(*std::move(answer));
}

std::string public_pem(evp_pkey_st* key) {
  const Bio out(BIO_new(BIO_s_mem()));
  const bool written = out && PEM_write_bio_PUBKEY(out.get(), key) == 1;
  ERR_clear_error();
  if (!written) return {};
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

Result<std::unique_ptr<Signer>> make_signer(PrivateKey key, const std::string& name) {
  auto public_key = REBURST_TRY(PublicKey::from_pem(public_pem(key.get()), name));
  return std::make_unique<KeySigner>(std::move(key), std::move(public_key), name);
}

}  // namespace reburst::signing
