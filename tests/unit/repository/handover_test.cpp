#include "tests/unit/repository/house.hpp"

namespace reburst::registry {
namespace {

// Whatever moment of a rotation a reader comes at, and whatever moment it is killed at.
class Handover : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    begin();
    before_ = read_file(metadata("timestamp.json"), kMost).value();
  }
  void rotate(const std::string& role, const std::string& where, bool lost = false) {
    ASSERT_TRUE(signing::create_key(at(where) / "second.pem", signing::KeyType::kEd25519, {}));
    change([&](auto& folder) {
      ASSERT_TRUE(signing::add_key(folder, role, (at(where) / "second.pub").string()));
      ASSERT_TRUE(signing::remove_key(folder, role, role + ".pem"));
    });
    share({"offline"});
    if (lost) fs::remove(at(where) / (role + ".pem"));
    auto proposal = rotation();
    ASSERT_TRUE(approve(proposal, who("offline")));
    const auto done = publish(proposal);
    ASSERT_TRUE(done) << done.error().message;
  }
  [[nodiscard]] Proposal rotation() const {
    auto opened = open();
    EXPECT_TRUE(opened.rotate_keys({}));
    return propose(opened).value();
  }
  [[nodiscard]] fs::path metadata(const std::string& name) const { return registry() / "metadata" / name; }
  // 0: readers are refused.
  [[nodiscard]] std::uint64_t root_of_readers() const {
    const auto seen = Metadata::open_to_read(registry(), who("keys"));
    return seen ? seen->root().header.version : 0;
  }
  [[nodiscard]] std::size_t signatures(const std::string& name) const {
    return parse_json(read_file(metadata(name), kMost).value(), name).value().at("signatures").size();
  }
  // The timestamp is there, and the root is not.
  void unplace_root() const { fs::rename(metadata("2.root.json"), metadata(".root.json.next")); }

  static constexpr std::uint64_t kMost = 1U << 20U;
  std::string before_;
};

TEST_F(Handover, TheTimestampIsValidUnderBothRoots) {
  rotate("timestamp", "keys");
  EXPECT_EQ(root_of_readers(), 2U);
  EXPECT_EQ(signatures("timestamp.json"), 2U);
  unplace_root();
  EXPECT_EQ(root_of_readers(), 1U);
}

TEST_F(Handover, SoAreTheSnapshotAndTargets) {
  rotate("snapshot", "keys");
  unplace_root();
  EXPECT_EQ(root_of_readers(), 1U);
  fs::rename(metadata(".root.json.next"), metadata("2.root.json"));
  EXPECT_EQ(root_of_readers(), 2U);
}

TEST_F(Handover, TheApproverOfNewTargetsSignsWithTheOldKeyToo) {
  rotate("targets", "offline");
  EXPECT_EQ(root_of_readers(), 2U);
  EXPECT_EQ(signatures("2.targets.json"), 2U);
  unplace_root();
  EXPECT_EQ(root_of_readers(), 1U);
}

TEST_F(Handover, TheNextCommitIsOfTheNewKeysAlone) {
  rotate("timestamp", "keys");
  ASSERT_TRUE(open().commit());
  EXPECT_EQ(signatures("timestamp.json"), 1U);
  EXPECT_EQ(root_of_readers(), 2U);
}

TEST_F(Handover, WhoeverOpensItNextPlacesTheRoot) {
  rotate("timestamp", "keys");
  unplace_root();
  EXPECT_EQ(open().root().header.version, 2U);
  EXPECT_EQ(root_of_readers(), 2U);
  EXPECT_FALSE(fs::exists(metadata(".root.json.next")));
}

TEST_F(Handover, BeforeTheTimestampTheRootIsNotPlaced) {
  rotate("timestamp", "keys");
  unplace_root();
  ASSERT_TRUE(write_file_atomic(metadata("timestamp.json"), before_));
  EXPECT_EQ(open().versions().at("root"), 1U);
  EXPECT_EQ(open().roots_ahead(), 1U);  // the key folder has it, and the next commit places it
  EXPECT_EQ(root_of_readers(), 1U);
  EXPECT_FALSE(fs::exists(metadata(".root.json.next")));
}

TEST_F(Handover, ARootOfStrangersIsNotPlaced) {
  ASSERT_TRUE(write_file_atomic(metadata(".root.json.next"), "{}"));
  EXPECT_EQ(open().root().header.version, 1U);
  EXPECT_FALSE(fs::exists(metadata(".root.json.next")));
}

TEST_F(Handover, ALostKeySignsNothingAndTheRootComesFirst) {
  rotate("timestamp", "keys", true);
  EXPECT_EQ(root_of_readers(), 2U);
  EXPECT_EQ(signatures("timestamp.json"), 1U);
  unplace_root();
  EXPECT_EQ(root_of_readers(), 0U);
}

// What is left of the old keys does where it reaches the old threshold.
TEST_F(Handover, OneOfTwoKeysIsLost) {
  ASSERT_TRUE(signing::create_key(at("keys") / "spare.pem", signing::KeyType::kEd25519, {}));
  change(
      [&](auto& folder) { ASSERT_TRUE(signing::add_key(folder, "timestamp", (at("keys") / "spare.pub").string())); });
  share({"offline"});
  auto more = rotation();
  ASSERT_TRUE(approve(more, who("offline")));
  ASSERT_TRUE(publish(more));
  rotate("timestamp", "keys", true);
  EXPECT_EQ(root_of_readers(), 3U);
  fs::rename(metadata("3.root.json"), metadata(".root.json.next"));
  EXPECT_EQ(root_of_readers(), 2U);
}

}  // namespace
}  // namespace reburst::registry
