#include "signing/verify/dsse.hpp"

#include <algorithm>

#include "signing/verify/members.hpp"

namespace reburst::signing {

namespace {

constexpr std::size_t kMaxSignatures = 64;
constexpr std::size_t kMaxDepth = 8;

Document envelope_document(std::string_view name) {
  return {ErrorCode::kIntegrity, "the envelope \"" + std::string(name) + "\"", "get it again from its publisher"};
}

Result<std::string> decoded(const Document& document, Members& members, const char* key, std::string_view name) {
  const auto text = REBURST_TRY(members.text(key));
  auto bytes = parse_base64(text, name);
  if (!bytes) return document.refuse(members.place(key), "it is not canonical base64");
  return bytes;
}

Result<Envelope::Signature> read_signature(const Document& document, const Json& json, const std::string& place,
                                           std::string_view name) {
  Members members(document, json, place);
  Envelope::Signature out;
  if (members.has("keyid")) out.keyid = REBURST_TRY(members.text("keyid"));
  out.value = REBURST_TRY(decoded(document, members, "sig", name));
  return out;
}

// The key that made `signature` and is not among `counted`. The key id is a hint (DSSE 1.0, protocol): it only says
// which key to try first.
const PublicKey* signer_of(const Envelope::Signature& signature, std::string_view bytes,
                           const std::vector<PublicKey>& keys, const std::vector<PublicKey>& counted) {
  const auto fits = [&](const PublicKey& key) {
    return std::find(counted.begin(), counted.end(), key) == counted.end() && key.verify(bytes, signature.value);
  };
  const auto hinted = [&](const PublicKey& key) { return key.id() == signature.keyid; };
  for (const auto& key : keys) {
    if (hinted(key) && fits(key)) return &key;
  }
  for (const auto& key : keys) {
    if (!hinted(key) && fits(key)) return &key;
  }
  return nullptr;
}

}  // namespace

std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload) {
  std::string out = "DSSEv1 " + std::to_string(payload_type.size()) + " ";
  out.append(payload_type).append(" " + std::to_string(payload.size()) + " ").append(payload);
  return out;
}

Result<Envelope> parse_envelope(std::string_view text, std::string_view name) {
  const Document document = envelope_document(name);
  const Json json = REBURST_TRY(parse_json(text, name, kMaxDepth));
  Members members(document, json, "");
  Envelope out;
  out.payload_type = REBURST_TRY(members.text("payloadType"));
  out.payload = REBURST_TRY(decoded(document, members, "payload", name));
  const Json* signatures = REBURST_TRY(members.list("signatures", kMaxSignatures));
  if (signatures->empty()) return document.refuse("signatures", "there is none");
  for (const auto& signature : *signatures) {
    const auto place = "signatures[" + std::to_string(out.signatures.size()) + "]";
    out.signatures.push_back(REBURST_TRY(read_signature(document, signature, place, name)));
  }
  return out;
}

Result<std::string> verify_envelope(const Envelope& envelope, std::string_view payload_type,
                                    const std::vector<PublicKey>& keys, unsigned threshold, std::string_view name) {
  const std::string what = "cannot trust the envelope \"" + std::string(name) + "\": ";
  if (envelope.payload_type != payload_type) {
    return fail(
        ErrorCode::kSignature,
        what + "it holds \"" + envelope.payload_type + "\", and \"" + std::string(payload_type) + "\" is expected",
        "get it again from its publisher");
  }
  const auto bytes = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  std::vector<PublicKey> counted;
  for (const auto& signature : envelope.signatures) {
    if (const PublicKey* key = signer_of(signature, bytes, keys, counted)) counted.push_back(*key);
  }
  if (threshold == 0 || counted.size() < threshold) {
    return fail(ErrorCode::kSignature,
                what + std::to_string(counted.size()) + " of " + std::to_string(keys.size()) +
                    " trusted keys signed it, and " + std::to_string(std::max(threshold, 1U)) + " must",
                "get it again; if it stays so, ask its publisher which keys signed it");
  }
  return envelope.payload;
}

}  // namespace reburst::signing
