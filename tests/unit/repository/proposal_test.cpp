#include "tests/unit/repository/house.hpp"

namespace reburst::registry {
namespace {

// web@stable wants two of three; targets, which has to list the new channel, has signed.
class TwoOfThree : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    begin();
    for (const auto* name : {"anna", "bert", "carla"}) add_person(name, "web-stable");
    change([](auto& folder) { folder.roles.at("web-stable").threshold = 2; });
    share({"anna", "bert", "carla", "offline"});
    proposal_ = proposed("anna", "stable", "2");
    ASSERT_EQ(approve(proposal_, who("offline")).value(), 1U);
  }
  std::string& stable() { return proposal_.roles.at("web-stable"); }
  static std::string edited(const std::string& text, const std::function<void(Json&)>& how) {
    auto json = parse_json(text, "test").value();
    how(json);
    return canonical_json(json);
  }
  Result<Proposal> read_back() {
    EXPECT_TRUE(write_proposal(at("file"), proposal_));
    return read_proposal(at("file"));
  }
  [[nodiscard]] std::string no_proposal(const std::string& why) const {
    return "\"" + at("file").string() + "\" is not a proposal: " + why;
  }
  Proposal proposal_;
};

TEST_F(TwoOfThree, OneSignatureIsTooFew) {
  refused(publish(proposal_), ErrorCode::kSignature,
          "cannot trust the metadata \"1.web-stable.json\": 1 of 3 keys signed it, and 2 must (TUF 5.6.3: arbitrary "
          "software)");
  EXPECT_FALSE(open().delegated().contains("web-stable"));
}

TEST_F(TwoOfThree, TheSameKeyAgainAddsNothing) {
  const auto before = stable();
  EXPECT_EQ(approve(proposal_, who("anna")).value(), 1U);
  EXPECT_EQ(stable(), before);
  EXPECT_FALSE(is_complete(review(proposal_).value()));
  EXPECT_FALSE(publish(proposal_));
}

TEST_F(TwoOfThree, TwoAreAccepted) {
  EXPECT_EQ(approve(proposal_, who("bert")).value(), 1U);
  EXPECT_TRUE(is_complete(review(proposal_).value()));
  ASSERT_TRUE(publish(proposal_));
  EXPECT_EQ(points_to("stable"), "2");
}

TEST_F(TwoOfThree, SurvivesTheFile) {
  const auto back = read_back().value();
  EXPECT_EQ(back.roles, proposal_.roles);
  EXPECT_EQ(back.histories, proposal_.histories);
  EXPECT_EQ(back.root, proposal_.root);
  EXPECT_EQ(back.targets, proposal_.targets);
}

TEST_F(TwoOfThree, TellsWhatItChanges) {
  const auto reviews = review(proposal_).value();
  ASSERT_EQ(reviews.size(), 2U);
  EXPECT_EQ(reviews[0].role, "targets");
  ASSERT_EQ(reviews[0].changes.size(), 1U);
  EXPECT_TRUE(reviews[0].changes[0].starts_with("keys of web-stable: nobody -> 2 of ")) << reviews[0].changes[0];
  EXPECT_EQ(reviews[1].role, "web-stable");
  ASSERT_EQ(reviews[1].changes.size(), 1U);
  EXPECT_TRUE(reviews[1].changes[0].starts_with("last move: promote nothing -> 2 at 2026-11-21T00:00:00Z by "))
      << reviews[1].changes[0];
  ASSERT_EQ(reviews[1].signatures.size(), 1U);
  EXPECT_EQ(reviews[1].signatures[0].given, 1U);
  EXPECT_EQ(reviews[1].signatures[0].needed, 2U);
}

TEST_F(TwoOfThree, WhatWasChangedAfterItWasSignedIsNotSigned) {
  stable() = edited(stable(), [](Json& json) { json["signed"]["expires"] = "2036-01-01T00:00:00Z"; });
  const auto result = approve(proposal_, who("bert"));
  const auto anna = signing::public_keys(who("anna").keys, {.keys = {"anna.pem"}}, {}).value().front().id();
  refused(result, ErrorCode::kSignature,
          "the signature of " + anna.substr(0, 12) + " does not fit \"web-stable\" as it is proposed");
}

TEST_F(TwoOfThree, AStrangersKeyDoesNotCount) {
  ASSERT_TRUE(signing::create_development_keys(at("stranger")));
  EXPECT_EQ(approve(proposal_, who("stranger")).value(), 0U);
}

TEST_F(TwoOfThree, OutOfDateIsRefused) {
  ASSERT_TRUE(approve(proposal_, who("bert")));
  ASSERT_TRUE(publish(proposal_));
  refused(publish(proposal_), ErrorCode::kUsage,
          "the proposal for \"targets\" is out of date\n  proposed: version 2\n  next:     version 3");
}

TEST_F(TwoOfThree, MetadataOfAnotherRoleIsRefused) {
  stable() = proposal_.roles.at("targets");
  refused(read_back(), ErrorCode::kIntegrity, no_proposal("\"web-stable\" delegates"));
}

TEST_F(TwoOfThree, AnotherHistoryIsRefused) {
  proposal_.histories["web-stable"] = open().root_text();
  refused(read_back(), ErrorCode::kIntegrity,
          no_proposal("the history of \"web-stable\" is not the one that its metadata names"));
}

TEST_F(TwoOfThree, TargetsWithFilesIsRefused) {
  proposal_.roles["targets"] = stable();
  refused(read_back(), ErrorCode::kIntegrity, no_proposal("\"targets\" names files"));
}

TEST_F(TwoOfThree, OnlineRolesAreNotProposed) {
  proposal_.roles["timestamp"] = stable();
  refused(read_back(), ErrorCode::kIntegrity, no_proposal("\"timestamp\" is no role that can be proposed"));
}

TEST_F(TwoOfThree, AnUnknownMemberIsRefused) {
  ASSERT_TRUE(write_file_atomic(at("file"), "{\"proposal\":1,\"roles\":{},\"more\":1}"));
  refused(read_proposal(at("file")), ErrorCode::kIntegrity, no_proposal("it has a member \"more\""));
  ASSERT_TRUE(write_file_atomic(at("file"), "{\"proposal\":2}"));
  refused(read_proposal(at("file")), ErrorCode::kIntegrity, no_proposal("another format"));
  ASSERT_TRUE(write_file_atomic(at("file"), "{\"proposal\":1,\"roles\":{}}"));
  refused(read_proposal(at("file")), ErrorCode::kIntegrity, no_proposal("it names no role"));
}

TEST_F(House, AFirstRegistryWaitsForTheOfflineKeys) {
  auto first = proposed("keys", "dev", "1");
  EXPECT_EQ(first.root, "");
  refused(publish(first), ErrorCode::kSignature,
          "cannot trust the metadata \"1.root.json\": 0 of 1 keys signed it, and 1 must");
  ASSERT_TRUE(approve(first, who("offline")));
  ASSERT_TRUE(publish(first));
  EXPECT_EQ(points_to("dev"), "1");
}

TEST_F(House, NothingToProposeIsSaid) {
  begin();
  auto metadata = open();
  refused(propose(metadata), ErrorCode::kUsage, "there is nothing to propose: the registry is like this already");
}

}  // namespace
}  // namespace reburst::registry
