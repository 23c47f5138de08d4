#include "signing/authenticode/certificate.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/handle.hpp"
#include "signing/authenticode/der.hpp"

namespace reburst::authenticode {

namespace {

using X509Handle = Handle<X509, &X509_free>;
using Bio = Handle<BIO, &BIO_free>;
using Context = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;

constexpr std::size_t kMaxText = 64U << 10U;
constexpr int kLeastBits = 2048, kMostBits = 4096;

tl::unexpected<Error> refuse(std::string_view name, const std::string& why) {
  ERR_clear_error();
  return fail(ErrorCode::kSignature, "cannot use the certificate \"" + std::string(name) + "\": " + why,
              "firmware takes X.509 certificates of RSA keys; \"reburst key create --secure-boot\" makes some");
}

X509Handle decode(std::string_view text) {
  if (text.starts_with("-----BEGIN")) {
    const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    return X509Handle(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  }
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = at + text.size();
  X509Handle out(d2i_X509(nullptr, &at, static_cast<long>(text.size())));
  return at == end ? std::move(out) : X509Handle();
}

template <class T>
std::string encode(const T* object, int (*to_der)(const T*, unsigned char**)) {
  const int size = to_der(object, nullptr);
  std::string out(static_cast<std::size_t>(size > 0 ? size : 0), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  (void)to_der(object, &at);
  return out;
}

std::string text_of(const X509_NAME* name) {
  const Bio out(BIO_new(BIO_s_mem()));
  (void)X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

struct Certificate::State {
  X509Handle x509;
  std::string der, subject;
};

Certificate::Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Result<Certificate> Certificate::parse(std::string_view text, std::string_view name) {
  if (text.size() > kMaxText) return refuse(name, "it is larger than 64 KiB");
  auto x509 = decode(text);
  if (!x509) return refuse(name, "it is not an X.509 certificate in PEM or DER");
  const auto* key = X509_get0_pubkey(x509.get());
  const int bits = key == nullptr ? 0 : EVP_PKEY_get_bits(key);
  if (key == nullptr || EVP_PKEY_is_a(key, "RSA") != 1 || bits < kLeastBits || bits > kMostBits)
    return refuse(name, "its key is not RSA of 2048 to 4096 bits");
  std::string der = encode(static_cast<const X509*>(x509.get()), &i2d_X509);
  std::string subject = text_of(X509_get_subject_name(x509.get()));
  ERR_clear_error();
  return Certificate(std::make_shared<const State>(State{std::move(x509), std::move(der), std::move(subject)}));
}

const std::string& Certificate::der() const {
  return state_->der;
}

std::string Certificate::pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  (void)PEM_write_bio_X509(out.get(), state_->x509.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

Digest Certificate::fingerprint() const {
  return sha256(der());
}

const std::string& Certificate::subject() const {
  return state_->subject;
}

std::string Certificate::issuer_and_serial() const {
  const auto issuer = encode(static_cast<const X509_NAME*>(X509_get_issuer_name(state_->x509.get())), &i2d_X509_NAME);
  const auto serial = encode(X509_get0_serialNumber(state_->x509.get()), &i2d_ASN1_INTEGER);
  return der::element(der::kSequence, {issuer, serial});
}

x509_st* Certificate::native() const {
  return state_->x509.get();
}

bool Certificate::verify(std::string_view message, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  const bool good =
      context &&
      EVP_DigestVerifyInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, X509_get0_pubkey(native()),
                              nullptr) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace reburst::authenticode
