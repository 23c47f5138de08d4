#include <algorithm>

#include "registry/oci/manifest.hpp"
#include "registry/oci/oci.hpp"
#include "signing/verify/dsse.hpp"
#include "signing/verify/key.hpp"

namespace reburst::oci {

namespace {

std::string to_pem(std::string_view der) {
  const std::string text = signing::base64(der);
  std::string out = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
  return out + "-----END PUBLIC KEY-----\n";
}

std::string hint_of(std::string_view der) {
  const Digest digest = sha256(der);
  return signing::base64({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

}  // namespace

Result<std::string> make_bundle(std::string_view envelope, std::string_view public_key_der) {
  const auto parsed = REBURST_TRY(signing::parse_envelope(envelope, "the envelope of the bundle"));
  const auto key = REBURST_TRY(signing::PublicKey::from_pem(to_pem(public_key_der), "the public key of the bundle"));
  const std::string signed_bytes = signing::pre_authentication_encoding(parsed.payload_type, parsed.payload);
  // A bundle has one signature and one key; an envelope may have been signed by several.
  const auto by_key = std::find_if(parsed.signatures.begin(), parsed.signatures.end(),
                                   [&](const auto& each) { return key.verify(signed_bytes, each.value); });
  if (by_key == parsed.signatures.end()) {
    return fail(ErrorCode::kSignature,
                "cannot make a sigstore bundle: the key " + key.id() + " did not sign its envelope",
                "name the key that signed it");
  }
  Json signature = {{"sig", signing::base64(by_key->value)}};
  if (!by_key->keyid.empty()) signature["keyid"] = by_key->keyid;
  return canonical_json({{"mediaType", kBundleType},
                         {"verificationMaterial", {{"publicKey", {{"hint", hint_of(public_key_der)}}}}},
                         {"dsseEnvelope",
                          {{"payload", signing::base64(parsed.payload)},
                           {"payloadType", parsed.payload_type},
                           {"signatures", Json::array({signature})}}}});
}

}  // namespace reburst::oci
