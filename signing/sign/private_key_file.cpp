#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <array>
#include <optional>

#include "core/file.hpp"
#include "signing/sign/private_file.hpp"
#include "signing/sign/private_key.hpp"

namespace reburst::signing {

namespace {

using Bio = Handle<BIO, &BIO_free>;
using Encrypted = Handle<X509_SIG, &X509_SIG_free>;
using Info = Handle<PKCS8_PRIV_KEY_INFO, &PKCS8_PRIV_KEY_INFO_free>;

constexpr std::size_t kMaxKeyFile = 64U << 10U;
constexpr std::string_view kPlain = "-----BEGIN PRIVATE KEY-----";
constexpr std::string_view kEncrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

tl::unexpected<Error> refuse(const std::string& name, const std::string& why, const std::string& hint) {
  ERR_clear_error();
  return fail(ErrorCode::kSignature, "cannot use the private key \"" + name + "\": " + why, hint);
}

// Read in place: a text that grows would leave copies of itself behind.
Result<Secret> read_key_text(const std::filesystem::path& path) {
  const std::string name = path.string();
  const Fd file = REBURST_TRY(open_read(path));
  // Of the file that is open, not of whatever its name leads to a moment later.
  REBURST_TRY(check_private(file.get(), "the private key", name));
  std::string text(kMaxKeyFile, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto rest = std::as_writable_bytes(std::span(text)).subspan(size);
    const std::size_t got = REBURST_TRY(read_some(file.get(), rest, name));
    if (got == 0) break;
    size += got;
  }
  if (size == kMaxKeyFile) {
    wipe(text);
    return refuse(name, "it is larger than 64 KiB", "name a file that holds a PKCS#8 key");
  }
  text.resize(size);
  return Secret(std::move(text));
}

Result<PrivateKey> from_info(const Info& info, const std::string& name) {
  PrivateKey key(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
  if (!key) {
    return refuse(name, "it is not a PKCS#8 key that OpenSSL reads", "look at it with \"openssl pkey -noout -text\"");
  }
  ERR_clear_error();
  return key;
}

// Whether the last failure was an algorithm that OpenSSL does not have, rather than a text that did not come out right.
bool unsupported() {
  for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
    if (ERR_GET_REASON(error) == ERR_R_UNSUPPORTED) return true;
  }
  return false;
}

Result<PrivateKey> decrypt(BIO* bio, const std::string& name, const AskPassphrase& ask) {
  const Encrypted encrypted(PEM_read_bio_PKCS8(bio, nullptr, nullptr, nullptr));
  if (!encrypted) return from_info({}, name);
  const Secret passphrase = REBURST_TRY(ask_secret(ask, name));
  ERR_clear_error();
  const Info info(PKCS8_decrypt(encrypted.get(), passphrase.text().data(), static_cast<int>(passphrase.text().size())));
  if (info) return from_info(info, name);
  if (unsupported()) {
    return refuse(name, "it is encrypted in a way that OpenSSL does not offer",
                  "encrypt it anew with \"openssl pkcs8 -topk8 -v2 aes-256-cbc\"");
  }
  return fail(ErrorCode::kUsage, "the passphrase of the private key \"" + name + "\" is wrong", "try again");
}

Result<PrivateKey> read_key(const Secret& text, const std::string& name, const AskPassphrase& ask) {
  const Bio bio(BIO_new_mem_buf(text.text().data(), static_cast<int>(text.text().size())));
  if (text.text().starts_with(kEncrypted)) return decrypt(bio.get(), name, ask);
  if (text.text().starts_with(kPlain)) {
    return from_info(Info(PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio.get(), nullptr, nullptr, nullptr)), name);
  }
  return refuse(name,
                "it is not PKCS#8 PEM, which begins with \"-----BEGIN PRIVATE KEY-----\" or \"-----BEGIN ENCRYPTED "
                "PRIVATE KEY-----\"",
                "turn it into that with \"openssl pkcs8 -topk8\"");
}

}  // namespace

Result<PrivateKey> load_key_file(const std::filesystem::path& path, const AskPassphrase& ask) {
  const Secret text = REBURST_TRY(read_key_text(path));
  return read_key(text, path.string(), ask);
}

}  // namespace reburst::signing
