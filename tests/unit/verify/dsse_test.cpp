#include "signing/verify/dsse.hpp"

#include <gtest/gtest.h>

#include "tests/support/signing/test_key.hpp"

namespace reburst::signing {
namespace {

using test::TestKey;

const std::string kType = "http://example.com/HelloWorld";

Json signature(const TestKey& key, const std::string& type, const std::string& payload) {
  return {{"keyid", key.id()}, {"sig", base64(key.sign(pre_authentication_encoding(type, payload)))}};
}

Json envelope(const std::vector<const TestKey*>& keys, const std::string& payload = "hello world") {
  Json out = {{"payload", base64(payload)}, {"payloadType", kType}, {"signatures", Json::array()}};
  for (const auto* key : keys) out["signatures"].push_back(signature(*key, kType, payload));
  return out;
}

Envelope parsed(const Json& json) {
  return parse_envelope(canonical_json(json), "x.dsse.json").value();
}

// DSSE 1.0, protocol, "Test Vectors"; the signature is given there as r and s, and stands here as DER.
TEST(Dsse, VerifiesTheVectorOfTheSpecification) {
  const auto key = PublicKey::from_pem(
                       "-----BEGIN PUBLIC KEY-----\n"
                       "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr\n"
                       "CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==\n"
                       "-----END PUBLIC KEY-----\n",
                       "dsse")
                       .value();
  EXPECT_EQ(pre_authentication_encoding(kType, "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  const auto envelope = parse_envelope(
      "{\"payload\": \"aGVsbG8gd29ybGQ=\",\n \"payloadType\": \"http://example.com/HelloWorld\",\n \"signatures\": "
      "[{\"sig\": "
      "\"MEQCIANyarEBrVbCdjtsaqyOSHJ14qeRk6CdxfhZ2fjvPEo7AiBR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==\"}]}",
      "x");
  ASSERT_TRUE(envelope) << envelope.error().render();
  EXPECT_EQ(verify_envelope(*envelope, kType, {key}, 1, "x").value(), "hello world");
}

TEST(Dsse, EncodesLengthsInBytes) {
  EXPECT_EQ(pre_authentication_encoding("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(pre_authentication_encoding("é", "\n"), "DSSEv1 2 é 1 \n");
}

TEST(Dsse, GivesThePayloadWhenEnoughKeysSigned) {
  const TestKey a(KeyType::kEd25519), b(KeyType::kEcdsaP256), c(KeyType::kEd25519);
  const auto signed_by_two = parsed(envelope({&a, &b}));
  EXPECT_EQ(verify_envelope(signed_by_two, kType, {c.public_key(), b.public_key(), a.public_key()}, 2, "x").value(),
            "hello world");
  EXPECT_FALSE(verify_envelope(signed_by_two, kType, {a.public_key(), c.public_key()}, 2, "x"));
  EXPECT_FALSE(verify_envelope(signed_by_two, kType, {}, 1, "x"));
}

// The key id is a hint: a wrong, an empty or another key's one neither helps nor harms.
TEST(Dsse, DoesNotTrustTheKeyId) {
  const TestKey a(KeyType::kEd25519), b(KeyType::kEd25519);
  Json json = envelope({&a});
  for (const auto& id : {std::string(), std::string("x"), b.id()}) {
    json["signatures"][0]["keyid"] = id;
    EXPECT_TRUE(verify_envelope(parsed(json), kType, {b.public_key(), a.public_key()}, 1, "x"));
    EXPECT_FALSE(verify_envelope(parsed(json), kType, {b.public_key()}, 1, "x"));
  }
  json["signatures"][0].erase("keyid");
  EXPECT_TRUE(verify_envelope(parsed(json), kType, {a.public_key()}, 1, "x"));
}

TEST(Dsse, CountsAKeyOnce) {
  const TestKey a(KeyType::kEcdsaP256), b(KeyType::kEd25519);
  Json json = envelope({&a, &a, &a});
  json["signatures"][1]["keyid"] = b.id();
  json["signatures"][2]["keyid"] = "";
  const auto payload = verify_envelope(parsed(json), kType, {a.public_key(), b.public_key()}, 2, "web.sig.dsse.json");
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().code, ErrorCode::kSignature);
  EXPECT_EQ(payload.error().message,
            "cannot trust the envelope \"web.sig.dsse.json\": 1 of 2 trusted keys signed it, and 2 must");
  EXPECT_EQ(payload.error().hint, "get it again; if it stays so, ask its publisher which keys signed it");
  // The same key given twice by the caller is one key, too.
  EXPECT_FALSE(verify_envelope(parsed(json), kType, {a.public_key(), a.public_key()}, 2, "x"));
}

TEST(Dsse, RefusesAThresholdOfNothing) {
  const TestKey a(KeyType::kEd25519);
  const auto payload = verify_envelope(parsed(envelope({&a})), kType, {}, 0, "x");
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().message, "cannot trust the envelope \"x\": 0 of 0 trusted keys signed it, and 1 must");
}

TEST(Dsse, RefusesAnotherPayloadType) {
  const TestKey a(KeyType::kEd25519);
  const auto payload = verify_envelope(parsed(envelope({&a})), kInTotoType, {a.public_key()}, 1, "x");
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().code, ErrorCode::kSignature);
  EXPECT_EQ(payload.error().message,
            "cannot trust the envelope \"x\": it holds \"http://example.com/HelloWorld\", and "
            "\"application/vnd.in-toto+json\" is expected");
  EXPECT_EQ(payload.error().hint, "get it again from its publisher");
}

TEST(Dsse, RefusesWhatWasChanged) {
  const TestKey a(KeyType::kEd25519);
  const std::vector<PublicKey> keys = {a.public_key()};
  Json json = envelope({&a});
  json["payload"] = base64("hello_world");
  EXPECT_FALSE(verify_envelope(parsed(json), kType, keys, 1, "x"));
  json = envelope({&a});
  json["payloadType"] = kType + "2";
  EXPECT_FALSE(verify_envelope(parsed(json), kType + "2", keys, 1, "x"));
  // A signature of the payload alone is none of the envelope.
  json = envelope({&a});
  json["signatures"][0]["sig"] = base64(a.sign("hello world"));
  EXPECT_FALSE(verify_envelope(parsed(json), kType, keys, 1, "x"));
}

TEST(Dsse, IgnoresMembersThatItDoesNotKnow) {
  const TestKey a(KeyType::kEd25519);
  Json json = envelope({&a});
  json["new"] = 1;
  json["signatures"][0]["extension"] = {{"kind", "x"}};
  EXPECT_TRUE(verify_envelope(parsed(json), kType, {a.public_key()}, 1, "x"));
}

TEST(Dsse, RefusesWhatIsNoEnvelope) {
  const TestKey a(KeyType::kEd25519);
  const Json good = envelope({&a});
  const auto with = [&](const char* pointer, const Json& value) {
    Json json = good;
    json[Json::json_pointer(pointer)] = value;
    return json;
  };
  const auto without = [&](const char* key) {
    Json json = good;
    json.erase(key);
    return json;
  };
  Json many = good;
  for (int i = 0; i < 64; ++i) many["signatures"].push_back(good["signatures"][0]);
  const std::vector<std::pair<Json, std::string>> kCases = {
      {Json::array(), "it is not an object"},
      {without("payload"), "payload: it is missing"},
      {without("payloadType"), "payloadType: it is missing"},
      {without("signatures"), "signatures: it is missing"},
      {with("/payload", 1), "payload: it is not a string"},
      {with("/payload", "aGVsbG8gd29ybGQ"), "payload: it is not canonical base64"},
      {with("/payload", "-__-"), "payload: it is not canonical base64"},
      {with("/payloadType", "a\nb"), "payloadType: it holds a control character"},
      {with("/signatures", Json::object()), "signatures: it is not a list"},
      {with("/signatures", Json::array()), "signatures: there is none"},
      {many, "signatures: it has more than 64"},
      {with("/signatures/0", "x"), "signatures[0]: it is not an object"},
      {with("/signatures/0/keyid", 7), "signatures[0].keyid: it is not a string"},
      {with("/signatures/0", {{"keyid", "x"}}), "signatures[0].sig: it is missing"},
      {with("/signatures/0/sig", "x"), "signatures[0].sig: it is not canonical base64"},
  };
  for (const auto& [json, why] : kCases) {
    const auto envelope = parse_envelope(canonical_json(json), "x.json");
    ASSERT_FALSE(envelope) << why;
    EXPECT_EQ(envelope.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(envelope.error().message, "the envelope \"x.json\": " + why);
    EXPECT_EQ(envelope.error().hint, "get it again from its publisher");
  }
  EXPECT_FALSE(parse_envelope("", "x"));
  EXPECT_FALSE(parse_envelope(std::string(100000, '['), "x"));
  EXPECT_FALSE(parse_envelope("{\"payload\":\"\",\"payload\":\"\"}", "x"));
}

}  // namespace
}  // namespace reburst::signing
