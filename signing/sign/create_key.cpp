#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "core/file.hpp"
#include "signing/sign/private_key.hpp"

namespace reburst::signing {

namespace {

using Bio = Handle<BIO, &BIO_free>;
using Info = Handle<PKCS8_PRIV_KEY_INFO, &PKCS8_PRIV_KEY_INFO_free>;
using Encrypted = Handle<X509_SIG, &X509_SIG_free>;
using Algorithm = Handle<X509_ALGOR, &X509_ALGOR_free>;

constexpr int kIterations = 600'000;  // of PBKDF2 with HMAC-SHA-256: what every guess costs
constexpr int kSaltSize = 16;

// Nothing the user gave can make these fail.
void require(bool good) {
  if (!good) throw std::runtime_error("OpenSSL could not make a key");
}

PrivateKey generate(KeyType type) {
  PrivateKey key(type == KeyType::kEd25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                           : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  require(key != nullptr);
  return key;
}

// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018).
Encrypted encrypt(PKCS8_PRIV_KEY_INFO* info, std::string_view passphrase) {
  Algorithm scheme(PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), kIterations, nullptr, kSaltSize, nullptr, NID_hmacWithSHA256));
  require(scheme != nullptr);
  Encrypted out(PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), info, scheme.get()));
  require(out != nullptr);
  (void)scheme.release();  // its owner is `out` now
  return out;
}

tl::unexpected<Error> already_there(const fs::path& path) {
  return fail(ErrorCode::kUsage, "cannot create the key \"" + path.string() + "\": the file is there already",
              "keys are never replaced: choose another name, or move the old one away");
}

// Like a rename, but never over a file that is there.
Result<> place(const fs::path& from, const fs::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return {};
  if (errno == EEXIST) return already_there(to);
  return fail(system_error("cannot create \"" + to.string() + "\"", errno));
}

}  // namespace

Secret private_pem(const PrivateKey& key, std::string_view passphrase) {
  const Info info(EVP_PKEY2PKCS8(key.get()));
  const Bio out(BIO_new(BIO_s_secmem()));
  require(info && out);
  require(passphrase.empty() ? PEM_write_bio_PKCS8_PRIV_KEY_INFO(out.get(), info.get()) == 1
                             : PEM_write_bio_PKCS8(out.get(), encrypt(info.get(), passphrase).get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return Secret(std::string(bytes, static_cast<std::size_t>(size)));
}

fs::path public_key_file(const fs::path& file) {
  fs::path out = file;
  if (out.extension() == ".pem") return out.replace_extension(".pub");
  return out += ".pub";
}

Result<PublicKey> create_key(const fs::path& file, KeyType type, std::string_view passphrase) {
  const fs::path public_file = public_key_file(file);
  for (const auto& path : {file, public_file}) {
    std::error_code ignored;
    if (fs::symlink_status(path, ignored).type() != fs::file_type::not_found) return already_there(path);
  }
  const PrivateKey key = generate(type);
  const auto public_key = REBURST_TRY(PublicKey::from_pem(public_pem(key.get()), public_file.string()));
  const Secret pem = private_pem(key, passphrase);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const auto temporary = REBURST_TRY(TempDirectory::make(folder, ".key"));
  REBURST_TRY(write_file_atomic(temporary.path() / "private", pem.text(), 0600));
  REBURST_TRY(write_file_atomic(temporary.path() / "public", public_key.pem(), 0644));
  REBURST_TRY(place(temporary.path() / "private", file));
  REBURST_TRY(place(temporary.path() / "public", public_file));
  REBURST_TRY(sync_directory(folder));
  return public_key;
}

}  // namespace reburst::signing
