#include <gtest/gtest.h>

#include "registry/oci/oci.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::oci {
namespace {

// Keys, statement and signatures made with openssl(1); two keys signed the statement.
const std::string kPayload =
    "eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJwcmVkaWNhdGUiOnt9LCJwcmVkaWNhdGVUeXBlIjoi"
    "aHR0cHM6Ly9zaWdzdG9yZS5kZXYvY29zaWduL3NpZ24vdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiNDQxMzZm"
    "YTM1NWIzNjc4YTExNDZhZDE2ZjdlODY0OWU5NGZiNGZjMjFmZTc3ZTgzMTBjMDYwZjYxY2FhZmY4YSJ9LCJuYW1lIjoid2ViIn1dfQ==";
const std::string kFirstKey =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJJXqAL5OltYE0vMr/"
    "Pq240GIRCc0vmPTAW2Wgnhk0md0mmYITwMZyqFK0fzxjzq6abEmubBz5Ajx+BBT+NruZg==";
const std::string kFirstSignature =
    "MEUCIQD31Nlr2zAO3C3pNsHWJtZnUbwnVm27x+QPeTuJbm/dyQIgfIx4jYu77kVoFv7vq1zvNkESoNB2stAn1DC5Zbiwj7Q=";
const std::string kSecondKey =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEFoVwKbYtIfgtLa3fzv3phAWBjnnB65wG69YzzyCD6+cALTMYvU8zkK1aHtfX//"
    "2m5X8K7JbAz+I8Gops0juCyA==";
const std::string kSecondSignature =
    "MEUCIDK92MgObakB5k3MI0DAku4QxeQ3MfDEu5s2agEYxj6KAiEAvIFQsqZmCisulpl+BbKWGCL+F6fmyCJBYSbgZq3ZzD0=";

std::string der(const std::string& key) {
  return *signing::parse_base64(key, "key");
}

std::string envelope(const std::string& payload) {
  return "{\"payload\":\"" + payload +
         "\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":[{\"keyid\":\"first\",\"sig\":\"" +
         kFirstSignature + "\"},{\"sig\":\"" + kSecondSignature + "\"}]}";
}

// The very bytes that tests/functional/oci.sh has shown @sigstore/verify to take for such a key.
TEST(Bundle, HasTheseBytes) {
  EXPECT_EQ(make_bundle(envelope(kPayload), der(kFirstKey)).value_or(""),
            "{\"dsseEnvelope\":{\"payload\":\"" + kPayload +
                "\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":[{\"keyid\":\"first\",\"sig\":\"" +
                kFirstSignature +
                "\"}]},\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificationMaterial\":"
                "{\"publicKey\":{\"hint\":\"dUqM+8DVKfqxF1D3UjM6Pyw1b2eOqfgrMxB9HLLEafY=\"}}}\n");
}

TEST(Bundle, HoldsTheSignatureOfItsKey) {
  const auto bundle = make_bundle(envelope(kPayload), der(kSecondKey));
  ASSERT_TRUE(bundle) << bundle.error().render();
  EXPECT_NE(bundle->find("\"signatures\":[{\"sig\":\"" + kSecondSignature + "\"}]"), std::string::npos) << *bundle;
  EXPECT_NE(bundle->find("{\"hint\":\"A5QUtrQvEYSgalhSQ0rCa2JnoHW8kPtrr1hlSeQWDh0=\"}"), std::string::npos) << *bundle;
}

TEST(Bundle, IsNotMadeOfWhatItsKeyDidNotSign) {
  const auto bundle = make_bundle(envelope(signing::base64("another payload")), der(kFirstKey));
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().code, ErrorCode::kSignature);
  EXPECT_TRUE(bundle.error().message.starts_with("cannot make a sigstore bundle: the key ")) << bundle.error().message;
  EXPECT_TRUE(bundle.error().message.ends_with(" did not sign its envelope")) << bundle.error().message;
  EXPECT_EQ(bundle.error().hint, "name the key that signed it");
}

TEST(Bundle, IsNotMadeOfNonsense) {
  EXPECT_EQ(make_bundle("{}", der(kFirstKey)).error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(make_bundle(envelope(kPayload), "no key").error().code, ErrorCode::kSignature);
}

}  // namespace
}  // namespace reburst::oci
