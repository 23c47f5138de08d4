#include "signing/verify/key.hpp"

#include <gtest/gtest.h>

#include "core/digest.hpp"
#include "signing/verify/canonical.hpp"
#include "signing/verify/dsse.hpp"
#include "tests/support/signing/test_key.hpp"

namespace reburst::signing {
namespace {

using test::TestKey;

// The key and the signature of "hello world" that DSSE 1.0 gives (protocol, "Test Vectors"), the signature as DER.
const std::string kP256Pem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr\n"
    "CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==\n"
    "-----END PUBLIC KEY-----\n";

Json ed25519_object(const std::string& digits) {
  return {{"keytype", "ed25519"}, {"keyval", {{"public", digits}}}, {"scheme", "ed25519"}};
}

struct Vector {
  std::string key, message, signature;
};

// RFC 8032, 7.1, tests 1 to 3.
const std::vector<Vector> kRfc8032 = {
    {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
     "655141438e7a100b"},
    {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
     "b00d291612bb0c00"},
    {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
     "c027beceea1ec40a"},
};

TEST(PublicKey, VerifiesTheVectorsOfRfc8032) {
  for (const auto& vector : kRfc8032) {
    const auto key = PublicKey::from_tuf(ed25519_object(vector.key), "rfc8032");
    ASSERT_TRUE(key) << key.error().render();
    EXPECT_EQ(key->type(), KeyType::kEd25519);
    const auto message = parse_hex(vector.message).value();
    const auto signature = parse_hex(vector.signature).value();
    EXPECT_TRUE(key->verify(message, signature));
    EXPECT_FALSE(key->verify(message + "x", signature));
  }
}

TEST(PublicKey, VerifiesNothingThatWasChanged) {
  for (const auto type : {KeyType::kEd25519, KeyType::kEcdsaP256}) {
    const TestKey key(type);
    const TestKey other(type);
    const std::string signature = key.sign("message");
    EXPECT_TRUE(key.public_key().verify("message", signature));
    EXPECT_FALSE(other.public_key().verify("message", signature));
    EXPECT_FALSE(key.public_key().verify("massage", signature));
    EXPECT_FALSE(key.public_key().verify("message", ""));
    EXPECT_FALSE(key.public_key().verify("message", signature + '\0'));
    EXPECT_FALSE(key.public_key().verify("message", signature.substr(1)));
    EXPECT_FALSE(key.public_key().verify("message", std::string(10000, 'x')));
    for (std::size_t at = 0; at < signature.size(); ++at) {
      std::string changed = signature;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      EXPECT_FALSE(key.public_key().verify("message", changed)) << at;
    }
  }
}

TEST(PublicKey, HasTheSameFormsWhereverItComesFrom) {
  for (const auto type : {KeyType::kEd25519, KeyType::kEcdsaP256}) {
    const PublicKey key = TestKey(type).public_key();
    const auto again = PublicKey::from_pem(key.pem(), "x").value();
    const auto tuf = PublicKey::from_tuf(key.to_tuf(), "x").value();
    for (const auto& other : {again, tuf}) {
      EXPECT_EQ(other, key);
      EXPECT_EQ(other.id(), key.id());
      EXPECT_EQ(other.pem(), key.pem());
      EXPECT_EQ(other.der(), key.der());
      EXPECT_EQ(other.to_tuf(), key.to_tuf());
      EXPECT_EQ(other.type(), type);
    }
  }
}

// Written out by hand: TUF 1.0.30, 4.2.
TEST(PublicKey, IsCalledByTheDigestOfItsObject) {
  const auto ed25519 = PublicKey::from_tuf(ed25519_object(kRfc8032[0].key), "x").value();
  EXPECT_EQ(ed25519.id(), sha256("{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"" + kRfc8032[0].key +
                                 "\"},\"scheme\":\"ed25519\"}")
                              .hex());
  const auto ecdsa = PublicKey::from_pem(kP256Pem, "x").value();
  EXPECT_EQ(ecdsa.type(), KeyType::kEcdsaP256);
  EXPECT_EQ(ecdsa.id(), sha256("{\"keytype\":\"ecdsa\",\"keyval\":{\"public\":\"" + kP256Pem +
                               "\"},\"scheme\":\"ecdsa-sha2-nistp256\"}")
                            .hex());
}

TEST(PublicKey, KeepsTheObjectThatItCameFrom) {
  const auto plain = PublicKey::from_pem(kP256Pem, "x").value();
  Json object = plain.to_tuf();
  object["keytype"] = "ecdsa-sha2-nistp256";
  const auto old = PublicKey::from_tuf(object, "x").value();
  EXPECT_EQ(old.to_tuf(), object);
  EXPECT_NE(old.id(), plain.id());
  EXPECT_EQ(old, plain);
}

TEST(PublicKey, TakesAPemWithOtherLineEndings) {
  std::string crlf;
  for (const char letter : kP256Pem) crlf += letter == '\n' ? "\r\n" : std::string(1, letter);
  EXPECT_EQ(PublicKey::from_pem(crlf, "x").value().pem(), kP256Pem);
  EXPECT_EQ(PublicKey::from_pem("\n" + kP256Pem + "\n", "x").value().pem(), kP256Pem);
}

const char* const kHint = "Ed25519 and ECDSA P-256 keys are taken, as \"openssl pkey -pubout\" writes them";

void refuses(const Result<PublicKey>& key, const std::string& why) {
  ASSERT_FALSE(key) << why;
  EXPECT_EQ(key.error().code, ErrorCode::kSignature);
  EXPECT_EQ(key.error().message, "cannot use the public key \"a.pub\": " + why);
  EXPECT_EQ(key.error().hint, kHint);
}

std::string pem_of(const std::string& der) {
  return "-----BEGIN PUBLIC KEY-----\n" + base64(der) + "\n-----END PUBLIC KEY-----\n";
}

TEST(PublicKey, RefusesWhatIsNoPem) {
  const std::string why = "it is not a PEM text that begins with \"-----BEGIN PUBLIC KEY-----\"";
  std::string private_key = kP256Pem;
  private_key.replace(private_key.find("PUBLIC"), 6, "PRIVATE");
  for (const auto& text :
       {std::string(), std::string("x"), private_key, "note\n" + kP256Pem, kP256Pem + "note\n", kP256Pem.substr(0, 60),
        kP256Pem + std::string(5000, '\n'), std::string("-----BEGIN PUBLIC KEY-----\n"),
        std::string("-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----\n")}) {
    refuses(PublicKey::from_pem(text, "a.pub"), why);
  }
  refuses(PublicKey::from_pem(kP256Pem + kP256Pem, "a.pub"), "its base64 is broken");
  refuses(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n", "a.pub"),
          "its base64 is broken");
}

TEST(PublicKey, RefusesOtherAlgorithmsAndOtherEncodings) {
  const std::string why = "it is neither an Ed25519 key nor one of ECDSA on P-256";
  const auto der = PublicKey::from_pem(kP256Pem, "x").value().der();
  const std::string compressed =
      "\x30\x39" + der.substr(2, 21) + std::string("\x03\x22\x00\x02", 4) + der.substr(27, 32);
  std::string other_curve = der;
  other_curve[22] = 0x01;  // prime192v1
  for (const auto& bytes : {std::string(), compressed, other_curve, der + '\0', der.substr(0, 90)}) {
    refuses(PublicKey::from_pem(pem_of(bytes), "a.pub"), why);
  }
}

TEST(PublicKey, RefusesAPointOffTheCurve) {
  auto der = PublicKey::from_pem(kP256Pem, "x").value().der();
  der.back() = static_cast<char>(der.back() ^ 1);
  refuses(PublicKey::from_pem(pem_of(der), "a.pub"), "it is not a point of its curve");
}

TEST(PublicKey, RefusesObjectsThatAreNoKeys) {
  const Json good = ed25519_object(kRfc8032[0].key);
  const auto with = [&](const char* member, const Json& value) {
    Json object = good;
    object[member] = value;
    return PublicKey::from_tuf(object, "a.pub");
  };
  refuses(PublicKey::from_tuf(Json::array(), "a.pub"), "it is not an object");
  refuses(with("keytype", 1), "it has no string \"keytype\"");
  refuses(with("scheme", nullptr), "it has no string \"scheme\"");
  refuses(with("keyval", Json::object()), "it has no string \"public\"");
  refuses(with("keyval", "x"), "it has no string \"public\"");
  refuses(with("keytype", "rsa"), "its type is \"rsa\" with the scheme \"ed25519\"");
  refuses(with("scheme", "ecdsa-sha2-nistp256"), "its type is \"ed25519\" with the scheme \"ecdsa-sha2-nistp256\"");
  for (const auto& digits : {std::string("00"), std::string(64, 'A'), std::string(64, 'g'), std::string(66, '0')}) {
    refuses(with("keyval", {{"public", digits}}), "it is not 64 lower-case hexadecimal digits");
  }
}

// An ECDSA object that holds an Ed25519 key: the type that is written must be the type that verifies.
TEST(PublicKey, RefusesAKeyOfAnotherTypeThanItSays) {
  Json object = PublicKey::from_pem(kP256Pem, "x").value().to_tuf();
  object["keyval"]["public"] = TestKey(KeyType::kEd25519).public_key().pem();
  refuses(PublicKey::from_tuf(object, "a.pub"), "its type is \"ecdsa\", and it holds an Ed25519 key");
}

}  // namespace
}  // namespace reburst::signing
