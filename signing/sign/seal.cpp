#include "signing/sign/seal.hpp"

#include <map>

#include "signing/verify/canonical.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::signing {

namespace {

constexpr std::size_t kMaxDepth = 32;

// By key id, which is the order in which they are written.
using Signatures = std::map<std::string, std::string>;

struct Opened {
  std::string signed_bytes;
  Signatures signatures;
};

template <class Body>
Result<Opened> open_as(std::string_view text, std::string_view name) {
  auto metadata = REBURST_TRY(tuf::parse<Body>(text, name));
  Opened out{std::move(metadata.signed_bytes), {}};
  for (auto& [keyid, value] : metadata.signatures) out.signatures[keyid] = std::move(value);
  return out;
}

// Nothing is signed that our own clients would refuse.
Result<Opened> open_metadata(std::string_view text, const Json& body, std::string_view name) {
  const auto type = REBURST_TRY(json_string(body, "_type", name));
  if (type == tuf::Root::kType) return open_as<tuf::Root>(text, name);
  if (type == tuf::Timestamp::kType) return open_as<tuf::Timestamp>(text, name);
  if (type == tuf::Snapshot::kType) return open_as<tuf::Snapshot>(text, name);
  return open_as<tuf::Targets>(text, name);
}

std::string metadata_text(const Json& body, const Signatures& signatures) {
  Json list = Json::array();
  for (const auto& [keyid, value] : signatures) list.push_back({{"keyid", keyid}, {"sig", hex(value)}});
  return canonical_json({{"signatures", list}, {"signed", body}});
}

}  // namespace

Result<std::string> seal_metadata(const Json& body, const Signers& signers) {
  Opened metadata = REBURST_TRY(open_metadata(metadata_text(body, {}), body, "to be signed"));
  for (const auto* signer : signers) {
    metadata.signatures[signer->public_key().id()] = REBURST_TRY(signer->sign(metadata.signed_bytes));
  }
  return metadata_text(body, metadata.signatures);
}

Result<std::string> add_signature(std::string_view metadata, const Signer& signer, std::string_view name) {
  const Json json = REBURST_TRY(parse_json(metadata, name, kMaxDepth));
  const Json body = json.is_object() ? json.value("signed", Json()) : Json();
  Opened opened = REBURST_TRY(open_metadata(metadata, body, name));
  opened.signatures[signer.public_key().id()] = REBURST_TRY(signer.sign(opened.signed_bytes));
  return metadata_text(body, opened.signatures);
}

Result<std::string> seal_envelope(std::string_view payload_type, std::string_view payload, const Signers& signers) {
  if (signers.empty()) {
    return fail(ErrorCode::kUsage, "cannot sign \"" + std::string(payload_type) + "\": there is no key to sign with",
                "a role's private keys are those that keys.json names and that are in its folder");
  }
  const auto bytes = pre_authentication_encoding(payload_type, payload);
  Signatures signatures;
  for (const auto* signer : signers) signatures[signer->public_key().id()] = REBURST_TRY(signer->sign(bytes));
  Json list = Json::array();
  for (const auto& [keyid, value] : signatures) list.push_back({{"keyid", keyid}, {"sig", base64(value)}});
  return canonical_json({{"payload", base64(payload)}, {"payloadType", payload_type}, {"signatures", list}});
}

}  // namespace reburst::signing
