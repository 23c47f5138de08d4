#include "tests/unit/repository/house.hpp"

namespace reburst::registry {
namespace {

class Rotate : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    begin();
  }
  // A key of that name replaces the role's, in the folder of whoever had it.
  void replace(const std::string& role, const std::string& old, const std::string& name, const std::string& where) {
    ASSERT_TRUE(signing::create_key(at(where) / (name + ".pem"), signing::KeyType::kEcdsaP256, {}));
    change([&](auto& folder) {
      ASSERT_TRUE(signing::add_key(folder, role, (at(where) / (name + ".pub")).string()));
      ASSERT_TRUE(signing::remove_key(folder, role, old + ".pem"));
    });
    share({"offline"});
  }
  [[nodiscard]] Proposal rotation(std::vector<std::string>& changed) const {
    auto metadata = open();
    changed = metadata.rotate_keys({}).value();
    return propose(metadata).value();
  }
  std::vector<std::string> changed_;
};

using Names = std::vector<std::string>;

TEST_F(Rotate, OfNothingChangesNothing) {
  auto metadata = open();
  EXPECT_EQ(metadata.rotate_keys({}).value(), Names());
}

TEST_F(Rotate, OfAnOnlineKeyWantsTheRootAlone) {
  replace("timestamp", "timestamp", "second", "keys");
  auto proposal = rotation(changed_);
  EXPECT_EQ(changed_, Names{"timestamp"});
  EXPECT_EQ(proposal.roles.size(), 1U);
  EXPECT_FALSE(publish(proposal));
  EXPECT_EQ(approve(proposal, who("offline")).value(), 1U);
  ASSERT_TRUE(publish(proposal));
  EXPECT_EQ(open().root().header.version, 2U);
}

TEST_F(Rotate, OfAChannelWantsTargets) {
  replace("channel", "release", "second", "keys");
  auto proposal = rotation(changed_);
  EXPECT_EQ(changed_, Names{"web-dev"});
  EXPECT_EQ(approve(proposal, who("offline")).value(), 1U);
  ASSERT_TRUE(publish(proposal));
  EXPECT_EQ(open().root().header.version, 1U);
  EXPECT_EQ(points_to("dev"), "1");
}

TEST_F(Rotate, OfTargetsWantsRootAndTheNewKey) {
  replace("targets", "targets", "second", "offline");
  auto proposal = rotation(changed_);
  EXPECT_EQ(changed_, Names{"targets"});
  EXPECT_EQ(approve(proposal, who("offline")).value(), 2U);
  ASSERT_TRUE(publish(proposal));
  EXPECT_EQ(open().root().header.version, 2U);
}

TEST_F(Rotate, OfTheRootWantsOldAndNew) {
  fs::copy(at("offline"), at("before"));
  replace("root", "root", "second", "offline");
  auto proposal = rotation(changed_);
  EXPECT_EQ(changed_, Names{"root"});
  EXPECT_EQ(approve(proposal, who("offline")).value(), 1U);
  refused(
      publish(proposal), ErrorCode::kSignature,
      "cannot trust the metadata \"2.root.json\": 0 of 1 keys signed it, and 1 must (TUF 5.3.4: arbitrary software)");
  EXPECT_EQ(open().root().header.version, 1U);
  EXPECT_EQ(approve(proposal, who("before")).value(), 1U);
  ASSERT_TRUE(publish(proposal));
  EXPECT_EQ(open().root().header.version, 2U);
}

TEST_F(Rotate, OfTheRootWithTheOldKeyAtHand) {
  fs::copy(at("offline"), at("before"));
  replace("root", "root", "second", "offline");
  auto metadata = open("offline");
  std::vector<std::unique_ptr<signing::Signer>> old;
  old.push_back(signing::open_signer((at("before") / "root.pem").string(), {}).value());
  ASSERT_TRUE(metadata.rotate_keys(std::move(old)));
  const auto reviews = review(propose(metadata).value()).value();
  ASSERT_EQ(reviews.size(), 1U);
  EXPECT_EQ(reviews[0].signatures.size(), 2U);
  EXPECT_TRUE(is_complete(reviews));
}

TEST_F(Rotate, OnlyAThresholdIsARotationToo) {
  ASSERT_TRUE(signing::create_key(at("offline") / "second.pem", signing::KeyType::kEd25519, {}));
  change([&](auto& folder) {
    ASSERT_TRUE(signing::add_key(folder, "root", (at("offline") / "second.pub").string()));
    folder.roles.at("root").threshold = 2;
  });
  share({"offline"});
  auto proposal = rotation(changed_);
  EXPECT_EQ(approve(proposal, who("offline")).value(), 2U);
  ASSERT_TRUE(publish(proposal));
  EXPECT_EQ(open().root().roles.at("root").threshold, 2U);
}

TEST_F(Rotate, TermsAreThoseOfTheKeyFolder) {
  change([](auto& folder) { folder.roles.at("timestamp").expires_days = 3; });
  auto metadata = open();
  ASSERT_TRUE(metadata.commit());
  EXPECT_EQ(metadata.timestamp_expires(), kNow + 3 * 86400);
}

}  // namespace
}  // namespace reburst::registry
