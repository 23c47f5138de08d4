#include "signing/firmware/firmware_key.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

#include "core/digest.hpp"
#include "core/handle.hpp"
#include "signing/sign/private_key.hpp"

namespace reburst::firmware {

namespace {

using X509Handle = Handle<X509, &X509_free>;
using Extension = Handle<X509_EXTENSION, &X509_EXTENSION_free>;
using Number = Handle<BIGNUM, &BN_free>;
using Bio = Handle<BIO, &BIO_free>;
using Context = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;

constexpr std::size_t kBits = 2048;
constexpr std::size_t kMaxSignature = 1024;
constexpr Epoch kValid = Epoch{20} * 365 * 86400;

// Nothing the user gave can make these fail.
void require(bool good) {
  if (!good) throw std::runtime_error("OpenSSL could not make a certificate");
}

// From the key, so that no two certificates of one issuer share a number (RFC 5280, 4.1.2.2: positive, 20 bytes).
void set_serial(X509* certificate, evp_pkey_st* key) {
  auto digest = sha256(signing::public_pem(key));
  digest.bytes[0] &= 0x7fU;
  digest.bytes[0] |= 0x40U;
  const Number number(BN_bin2bn(digest.bytes.data(), 20, nullptr));
  require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

X509Handle certify(const signing::PrivateKey& key, const std::string& common_name, Epoch now) {
  X509Handle out(X509_new());
  require(out && X509_set_version(out.get(), 2) == 1 && X509_set_pubkey(out.get(), key.get()) == 1);
  set_serial(out.get(), key.get());
  require(ASN1_TIME_set(X509_getm_notBefore(out.get()), now) != nullptr &&
          ASN1_TIME_set(X509_getm_notAfter(out.get()), now + kValid) != nullptr);
  X509_NAME* name = X509_get_subject_name(out.get());
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1 &&
          X509_set_issuer_name(out.get(), name) == 1);
  add_extension(out.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(out.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(out.get(), NID_subject_key_identifier, "hash");
  require(X509_sign(out.get(), key.get(), EVP_sha256()) > 0);
  return out;
}

}  // namespace

struct FirmwareKey::State {
  signing::PrivateKey key;
  authenticode::Certificate certificate;
  std::string name;
};

FirmwareKey::FirmwareKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Result<FirmwareKey> FirmwareKey::open(const std::string& where, authenticode::Certificate certificate,
                                      const signing::AskPassphrase& ask, const std::string& pkcs11_module) {
  auto key = REBURST_TRY(signing::load_private_key(where, ask, pkcs11_module));
  const bool pair = EVP_PKEY_eq(key.get(), X509_get0_pubkey(certificate.native())) == 1;
  ERR_clear_error();
  const auto name = signing::key_name(where);
  if (!pair) {
    return fail(ErrorCode::kSignature,
                "the private key \"" + name + "\" does not belong to the certificate \"" + certificate.subject() + "\"",
                "name the key and the certificate that were made together");
  }
  return FirmwareKey(std::make_shared<const State>(State{std::move(key), std::move(certificate), name}));
}

const authenticode::Certificate& FirmwareKey::certificate() const {
  return state_->certificate;
}

Result<std::string> FirmwareKey::operator()(std::string_view message) const {
  std::array<unsigned char, kMaxSignature> signature{};
  std::size_t size = signature.size();
  const Context context(EVP_MD_CTX_new());
  const bool made =
      context &&
      EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, state_->key.get(), nullptr) == 1 &&
      EVP_DigestSign(context.get(), signature.data(), &size, reinterpret_cast<const unsigned char*>(message.data()),
                     message.size()) == 1;
  ERR_clear_error();
  if (made) return std::string(reinterpret_cast<const char*>(signature.data()), size);
  return fail(ErrorCode::kSignature, "cannot sign with the private key \"" + state_->name + "\": it gives no signature",
              "try again; for a token, look whether it is still there");
}

NewFirmwareKey make_firmware_key(const std::string& common_name, Epoch now, std::string_view passphrase) {
  const signing::PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", kBits));
  require(key != nullptr);
  const auto certificate = certify(key, common_name, now);
  const Bio out(BIO_new(BIO_s_mem()));
  require(out && PEM_write_bio_X509(out.get(), certificate.get()) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {signing::private_pem(key, passphrase).text(), std::string(bytes, static_cast<std::size_t>(size))};
}

}  // namespace reburst::firmware
