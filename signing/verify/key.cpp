#include "signing/verify/key.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <optional>

#include "core/digest.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"
#include "signing/verify/canonical.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::signing {

namespace {

using namespace std::string_view_literals;
using Key = Handle<EVP_PKEY, &EVP_PKEY_free>;
using Context = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----\n";
constexpr std::size_t kMaxPem = 4096;
constexpr std::size_t kPemLine = 64;

// SubjectPublicKeyInfo up to the key itself (RFC 8410, 4; RFC 5480, 2): each algorithm has one encoding here, so that
// one key cannot pass for two. For P-256 that is the named curve and the uncompressed point.
constexpr std::string_view kEd25519Prefix = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv;
constexpr std::size_t kEd25519Size = 32;
constexpr std::string_view kP256Prefix =
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04"sv;
constexpr std::size_t kP256Size = 64;

tl::unexpected<Error> refuse(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kSignature, "cannot use the public key \"" + std::string(name) + "\": " + why,
              "Ed25519 and ECDSA P-256 keys are taken, as \"openssl pkey -pubout\" writes them");
}

std::optional<KeyType> type_of(std::string_view der) {
  if (der.starts_with(kEd25519Prefix) && der.size() == kEd25519Prefix.size() + kEd25519Size) return KeyType::kEd25519;
  if (der.starts_with(kP256Prefix) && der.size() == kP256Prefix.size() + kP256Size) return KeyType::kEcdsaP256;
  return std::nullopt;
}

Key decode(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  return key;
}

std::string to_pem(std::string_view der) {
  const std::string digits = base64(der);
  std::string out(kBegin);
  for (std::size_t at = 0; at < digits.size(); at += kPemLine) out += digits.substr(at, kPemLine) + '\n';
  return out.append(kEnd);
}

Result<std::string> der_of(std::string_view pem, std::string_view name) {
  std::string text(trim(pem.substr(0, kMaxPem)));
  std::erase(text, '\r');
  text += '\n';
  if (pem.size() > kMaxPem || !text.starts_with(kBegin) || !text.ends_with(kEnd)) {
    return refuse(name, "it is not a PEM text that begins with \"-----BEGIN PUBLIC KEY-----\"");
  }
  std::string digits = text.substr(kBegin.size(), text.size() - kBegin.size() - kEnd.size());
  std::erase(digits, '\n');
  auto der = parse_base64(digits, name);
  if (!der) return refuse(name, "its base64 is broken");
  return der;
}

Json tuf_object(KeyType type, const std::string& der, const std::string& pem) {
  if (type == KeyType::kEcdsaP256) {
    return {{"keytype", "ecdsa"}, {"keyval", {{"public", pem}}}, {"scheme", "ecdsa-sha2-nistp256"}};
  }
  const auto raw = hex(std::string_view(der).substr(kEd25519Prefix.size()));
  return {{"keytype", "ed25519"}, {"keyval", {{"public", raw}}}, {"scheme", "ed25519"}};
}

Result<std::string> tuf_text(const Json& object, const char* member, std::string_view name) {
  const auto found = object.is_object() ? object.find(member) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) {
    return refuse(name, "it has no string \"" + std::string(member) + "\"");
  }
  return found->get<std::string>();
}

// The SubjectPublicKeyInfo of a TUF key object.
Result<std::string> tuf_der(const Json& key, std::string_view name) {
  const auto type = REBURST_TRY(tuf_text(key, "keytype", name));
  const auto scheme = REBURST_TRY(tuf_text(key, "scheme", name));
  const auto value = REBURST_TRY(tuf_text(key.value("keyval", Json()), "public", name));
  if (type == "ed25519" && scheme == "ed25519") {
    const auto raw = parse_hex(value);
    if (!raw || raw->size() != kEd25519Size) return refuse(name, "it is not 64 lower-case hexadecimal digits");
    return std::string(kEd25519Prefix) + *raw;
  }
  if ((type == "ecdsa" || type == "ecdsa-sha2-nistp256") && scheme == "ecdsa-sha2-nistp256") {
    auto der = REBURST_TRY(der_of(value, name));
    if (type_of(der) == KeyType::kEd25519) {
      return refuse(name, "its type is \"" + type + "\", and it holds an Ed25519 key");
    }
    return der;
  }
  return refuse(name, "its type is \"" + type + "\" with the scheme \"" + scheme + "\"");
}

}  // namespace

struct PublicKey::State {
  KeyType type;
  std::string der, pem, id;
  Json tuf;
  Key key;

  // `tuf`: the object that the key came from, null when it came from elsewhere.
  static Result<PublicKey> make(std::string der, Json tuf, std::string_view name) {
    const auto type = type_of(der);
    if (!type) return refuse(name, "it is neither an Ed25519 key nor one of ECDSA on P-256");
    Key key = decode(der);
    if (!key) return refuse(name, "it is not a point of its curve");
    std::string pem = to_pem(der);
    if (tuf.is_null()) tuf = tuf_object(*type, der, pem);
    std::string id = sha256(canonical_metadata(tuf)).hex();
    return PublicKey(std::make_shared<const State>(
        State{*type, std::move(der), std::move(pem), std::move(id), std::move(tuf), std::move(key)}));
  }
};

PublicKey::PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

Result<PublicKey> PublicKey::from_pem(std::string_view pem, std::string_view name) {
  return State::make(REBURST_TRY(der_of(pem, name)), Json(), name);
}

Result<PublicKey> PublicKey::from_tuf(const Json& key, std::string_view name) {
  if (!key.is_object()) return refuse(name, "it is not an object");
  return State::make(REBURST_TRY(tuf_der(key, name)), key, name);
}

KeyType PublicKey::type() const {
  return state_->type;
}
const std::string& PublicKey::pem() const {
  return state_->pem;
}
const std::string& PublicKey::der() const {
  return state_->der;
}
Json PublicKey::to_tuf() const {
  return state_->tuf;
}
const std::string& PublicKey::id() const {
  return state_->id;
}

bool PublicKey::verify(std::string_view message, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  const char* digest = type() == KeyType::kEd25519 ? nullptr : "SHA256";
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  const auto* value = reinterpret_cast<const unsigned char*>(signature.data());
  const bool good =
      context &&
      EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, state_->key.get(), nullptr) == 1 &&
      EVP_DigestVerify(context.get(), value, signature.size(), bytes, message.size()) == 1;
  ERR_clear_error();
  return good;
}

bool PublicKey::operator==(const PublicKey& other) const {
  return state_->der == other.state_->der;
}

}  // namespace reburst::signing
