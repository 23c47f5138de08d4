#include "signing/sign/seal.hpp"

#include "signing/verify/canonical.hpp"
#include "signing/verify/dsse.hpp"
#include "tests/unit/signing/support.hpp"

namespace reburst::signing {
namespace {

class Seal : public FolderTest {
 protected:
  std::unique_ptr<Signer> make(const std::string& name, KeyType type) {
    create_key(file(name), type, "").value();
    return open_signer(file(name), never_asked()).value();
  }
  std::unique_ptr<Signer> a_ = make("a.pem", KeyType::kEd25519);
  std::unique_ptr<Signer> b_ = make("b.pem", KeyType::kEcdsaP256);
  std::map<std::string, PublicKey> keys_{{a_->public_key().id(), a_->public_key()},
                                         {b_->public_key().id(), b_->public_key()}};
  tuf::RoleKeys both_{.keyids = {a_->public_key().id(), b_->public_key().id()}, .threshold = 2};
  tuf::Root root_{.header = {.version = 1, .expires = 1'800'000'000},
                  .keys = keys_,
                  .roles = {{"root", both_}, {"targets", both_}, {"snapshot", both_}, {"timestamp", both_}}};

  [[nodiscard]] Result<> check(const std::string& text) const {
    const auto root = REBURST_TRY(tuf::parse<tuf::Root>(text, "root.json"));
    return tuf::check_threshold(root.signed_bytes, root.signatures, root.body.roles.at("root"), root.body.keys,
                                "root.json");
  }
};

// A signer whose token gives what it likes.
class Liar final : public Signer {
 public:
  explicit Liar(const PublicKey& key) : key_(key) {}
  [[nodiscard]] const PublicKey& public_key() const override { return key_; }
  [[nodiscard]] Result<std::string> sign(std::string_view) const override {
    return fail(ErrorCode::kSignature, "the token is gone");
  }

 private:
  PublicKey key_;
};

TEST_F(Seal, MakesMetadataThatItsKeysVerify) {
  const auto text = seal_metadata(tuf::to_json(root_), {b_.get(), a_.get()});
  ASSERT_TRUE(text) << text.error().render();
  EXPECT_TRUE(check(*text));
  const Json json = Json::parse(*text);
  EXPECT_EQ(canonical_json(json), *text);
  ASSERT_EQ(json["signatures"].size(), 2U);
  EXPECT_LT(json["signatures"][0]["keyid"], json["signatures"][1]["keyid"]);
  EXPECT_EQ(json["signed"], tuf::to_json(root_));
}

// What OpenSSL's program verifies is the OLPC form of "signed", as every other client makes it: with the line breaks of
// the PEM key as they are.
TEST_F(Seal, SignsTheBytesThatOthersVerify) {
  const auto json = Json::parse(seal_metadata(tuf::to_json(root_), {b_.get()}).value());
  std::string bytes = json["signed"].dump();
  for (std::size_t at = 0; (at = bytes.find("\\n", at)) != std::string::npos;) bytes.replace(at, 2, "\n");
  put("bytes", bytes);
  put("signature", parse_hex(json["signatures"][0]["sig"].get<std::string>()).value());
  EXPECT_EQ(openssl({"dgst", "-sha256", "-verify", file("b.pub"), "-signature", file("signature"), file("bytes")}),
            "Verified OK\n");
}

TEST_F(Seal, SignsOnceForEachKey) {
  const auto json = Json::parse(seal_metadata(tuf::to_json(root_), {a_.get(), a_.get()}).value());
  EXPECT_EQ(json["signatures"].size(), 1U);
  EXPECT_EQ(Json::parse(seal_metadata(tuf::to_json(root_), {}).value())["signatures"], Json::array());
}

TEST_F(Seal, SignsNothingThatClientsRefuse) {
  Json body = tuf::to_json(root_);
  body["version"] = 0;
  const auto text = seal_metadata(body, {a_.get()});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(text.error().message, "the metadata \"to be signed\": signed.version: it is 0, not 1 to 9007199254740991");
  EXPECT_FALSE(seal_metadata(Json::object(), {a_.get()}));
  EXPECT_FALSE(seal_metadata({{"_type", "mirrors"}}, {a_.get()}));
}

TEST_F(Seal, PassesOnWhatASignerSays) {
  const Liar liar(a_->public_key());
  for (const auto& text : {seal_metadata(tuf::to_json(root_), {b_.get(), &liar}), seal_envelope("x", "y", {&liar})}) {
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().message, "the token is gone");
  }
}

TEST_F(Seal, AddsASignatureToThoseOfOthers) {
  const auto first = seal_metadata(tuf::to_json(root_), {a_.get()}).value();
  EXPECT_FALSE(check(first));
  const auto both = add_signature(first, *b_, "root.json");
  ASSERT_TRUE(both) << both.error().render();
  EXPECT_TRUE(check(*both));
  EXPECT_EQ(Json::parse(*both)["signatures"].size(), 2U);
  // One that is there is replaced; a text in another layout is taken.
  Json broken = Json::parse(*both);
  for (auto& signature : broken["signatures"]) signature["sig"] = "00";
  const auto again = add_signature(broken.dump(2), *b_, "root.json").value();
  EXPECT_EQ(Json::parse(again)["signatures"].size(), 2U);
  EXPECT_FALSE(check(again));
  EXPECT_TRUE(check(add_signature(again, *a_, "root.json").value()));
}

TEST_F(Seal, AddsNoSignatureToWhatIsNoMetadata) {
  for (const auto* text : {"", "[]", "{}", "{\"signed\":1}", "{\"signed\":{\"_type\":\"root\"}}"}) {
    const auto added = add_signature(text, *a_, "root.json");
    ASSERT_FALSE(added) << text;
    EXPECT_EQ(added.error().code, ErrorCode::kIntegrity);
  }
}

TEST_F(Seal, MakesAnEnvelopeThatItsKeysVerify) {
  const auto text = seal_envelope(kInTotoType, "{\"a\":1}", {b_.get(), a_.get()}).value();
  EXPECT_EQ(canonical_json(Json::parse(text)), text);
  const auto envelope = parse_envelope(text, "x").value();
  EXPECT_EQ(envelope.signatures.size(), 2U);
  EXPECT_EQ(verify_envelope(envelope, kInTotoType, {a_->public_key(), b_->public_key()}, 2, "x").value(), "{\"a\":1}");
  for (const auto& signature : envelope.signatures) EXPECT_TRUE(keys_.contains(signature.keyid));
}

TEST_F(Seal, MakesNoEnvelopeWithoutAKey) {
  const auto text = seal_envelope(kInTotoType, "{}", {});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kUsage);
  EXPECT_EQ(text.error().message, "cannot sign \"application/vnd.in-toto+json\": there is no key to sign with");
  EXPECT_EQ(text.error().hint, "a role's private keys are those that keys.json names and that are in its folder");
}

}  // namespace
}  // namespace reburst::signing
