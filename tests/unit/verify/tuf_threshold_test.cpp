#include <gtest/gtest.h>

#include "signing/verify/tuf.hpp"
#include "tests/support/signing/test_key.hpp"

namespace reburst::tuf {
namespace {

using signing::KeyType;
using test::TestKey;

const std::string kBytes = "the signed bytes";

struct Signers {
  TestKey a{KeyType::kEd25519}, b{KeyType::kEcdsaP256}, c{KeyType::kEd25519}, stranger{KeyType::kEd25519};
  std::map<std::string, PublicKey> keys{{a.id(), a.public_key()}, {b.id(), b.public_key()}, {c.id(), c.public_key()}};
  RoleKeys role{.keyids = {a.id(), b.id(), c.id()}, .threshold = 2};

  [[nodiscard]] Result<> check(const std::vector<Signature>& signatures) const {
    return check_threshold(kBytes, signatures, role, keys, "web-stable.json");
  }
};

Signature by(const TestKey& key, const std::string& bytes = kBytes) {
  return {.keyid = key.id(), .value = key.sign(bytes)};
}

void refused(const Result<>& result, const std::string& why) {
  ASSERT_FALSE(result) << why;
  EXPECT_EQ(result.error().code, ErrorCode::kSignature);
  EXPECT_EQ(result.error().message, "cannot trust the metadata \"web-stable.json\": " + why);
  EXPECT_EQ(result.error().hint,
            "it was changed, or signed with other keys than those of its role: ask the publisher of the registry");
}

TEST(TufThreshold, IsMetByAnyTwoOfThree) {
  const Signers signers;
  EXPECT_TRUE(signers.check({by(signers.a), by(signers.b)}));
  EXPECT_TRUE(signers.check({by(signers.c), by(signers.b)}));
  EXPECT_TRUE(signers.check({by(signers.stranger), by(signers.a, "other"), by(signers.b), by(signers.c)}));
}

TEST(TufThreshold, IsNotMetByOne) {
  const Signers signers;
  refused(signers.check({}), "0 of 3 keys signed it, and 2 must");
  refused(signers.check({by(signers.a)}), "1 of 3 keys signed it, and 2 must");
  refused(signers.check({by(signers.a), by(signers.stranger)}), "1 of 3 keys signed it, and 2 must");
  refused(signers.check({by(signers.a), by(signers.b, "other bytes")}),
          "1 of 3 keys signed it, and 2 must; a signature of a right key does not fit the text");
}

// ECDSA gives another signature every time.
TEST(TufThreshold, CountsAKeyOnceWhateverTheNumberOfItsSignatures) {
  const Signers signers;
  refused(signers.check({by(signers.b), by(signers.b), by(signers.b)}), "1 of 3 keys signed it, and 2 must");
  refused(signers.check({by(signers.a), {.keyid = signers.c.id(), .value = by(signers.a).value}}),
          "1 of 3 keys signed it, and 2 must; a signature of a right key does not fit the text");
}

TEST(TufThreshold, CountsAKeyOnceWhateverTheNumberOfItsNames) {
  Signers signers;
  Json object = signers.b.public_key().to_tuf();
  object["keytype"] = "ecdsa-sha2-nistp256";
  const auto alias = PublicKey::from_tuf(object, "alias").value();
  ASSERT_NE(alias.id(), signers.b.id());
  signers.keys.emplace(alias.id(), alias);
  signers.role.keyids.push_back(alias.id());
  const std::string signature = by(signers.b).value;
  refused(signers.check({{.keyid = signers.b.id(), .value = signature}, {.keyid = alias.id(), .value = signature}}),
          "1 of 4 keys signed it, and 2 must");
}

TEST(TufThreshold, KnowsOnlyTheKeysOfTheRole) {
  Signers signers;
  signers.keys.emplace(signers.stranger.id(), signers.stranger.public_key());
  refused(signers.check({by(signers.a), by(signers.stranger)}), "1 of 3 keys signed it, and 2 must");
  signers.role.keyids.push_back(std::string(64, '0'));
  refused(signers.check({by(signers.a), {.keyid = std::string(64, '0'), .value = "x"}}),
          "1 of 4 keys signed it, and 2 must");
}

TEST(TufThreshold, OfNothingIsMetByNobody) {
  Signers signers;
  signers.role = {.keyids = {}, .threshold = 0};
  refused(signers.check({by(signers.a)}), "0 of 0 keys signed it, and 1 must");
}

}  // namespace
}  // namespace reburst::tuf
