#include "tests/support/signing/test_key.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>

#include "core/handle.hpp"
#include "signing/verify/canonical.hpp"
#include "signing/verify/tuf.hpp"

namespace reburst::test {

namespace {

void require(bool good) {
  if (!good) std::abort();
}

std::string public_pem(EVP_PKEY* key) {
  const Handle<BIO, &BIO_free> out(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PUBKEY(out.get(), key) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

struct TestKey::Pair {
  Handle<EVP_PKEY, &EVP_PKEY_free> key;
  const char* digest;
};

TestKey::TestKey(signing::KeyType type) : pair_(std::make_shared<Pair>()) {
  const bool ed25519 = type == signing::KeyType::kEd25519;
  pair_->digest = ed25519 ? nullptr : "SHA256";
  pair_->key.reset(ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                           : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  require(pair_->key != nullptr);
  public_key_ = std::make_shared<const signing::PublicKey>(
      signing::PublicKey::from_pem(public_pem(pair_->key.get()), "test key").value());
}

std::string TestKey::sign(std::string_view message) const {
  const Handle<EVP_MD_CTX, &EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  require(EVP_DigestSignInit_ex(context.get(), nullptr, pair_->digest, nullptr, nullptr, pair_->key.get(), nullptr) ==
          1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::string out(256, '\0');
  std::size_t size = out.size();
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, message.size()) ==
          1);
  out.resize(size);
  return out;
}

std::string sealed(const Json& body, const std::vector<const TestKey*>& keys) {
  Json signatures = Json::array();
  for (const auto* key : keys) {
    signatures.push_back({{"keyid", key->id()}, {"sig", signing::hex(key->sign(tuf::signed_bytes(body)))}});
  }
  return canonical_json({{"signatures", signatures}, {"signed", body}});
}

}  // namespace reburst::test
