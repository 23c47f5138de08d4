// What a yank leaves: in the channels, for garbage collection and for who publishes again or approves.
#include "releases.hpp"

namespace reburst::registry {
namespace {

using YankTest = ReleasesTest;

TEST_F(YankTest, AHoldKeepsTheFilesOfAReleaseThatIsYanked) {
  release("dev", kOne);
  release("dev", kTwo);
  ASSERT_TRUE(write_holds(registry(), {{"web", kTwo, "audit"}}));
  yank(kTwo);
  EXPECT_EQ(taken(), std::vector<std::string>());
  EXPECT_TRUE(has(kTwo));
  EXPECT_EQ(images().size(), 2U);

  ASSERT_TRUE(write_holds(registry(), {}));
  EXPECT_FALSE(taken().empty());
  for (const auto& gone : {stored("dev", kTwo, 0), stored("dev", kTwo, 1), chunk(kTwo), blob(kTwo)})
    EXPECT_FALSE(fs::exists(gone)) << gone;
  EXPECT_EQ(images().size(), 1U);
  EXPECT_TRUE(has(kOne));
}

TEST_F(YankTest, AHoldKeepsNoDeltaAndNothingThatHasNoDigest) {
  release("dev", kOne);
  release("dev", kTwo);
  ASSERT_TRUE(write_holds(registry(), {{"web", kTwo, "audit"}, {"web", "..", "nothing"}, {"../web", kOne, "nothing"}}));
  const auto folder = stored("dev", kTwo, 0).parent_path();
  const auto delta = folder / (std::string(64, 'a') + "." + delta_name("web", kTwo, kOne));
  const auto other = folder / "notes.txt";
  for (const auto& path : {delta, other}) ASSERT_TRUE(write_file_atomic(path, "x"));
  yank(kTwo);
  (void)collect();
  EXPECT_FALSE(fs::exists(delta));
  EXPECT_FALSE(fs::exists(other));
  EXPECT_TRUE(has(kTwo));
}

TEST_F(YankTest, AHoldOfAReleaseThatIsNotThereIsNoObstacle) {
  release("dev", kOne);
  ASSERT_TRUE(write_holds(registry(), {{"web", kThree, "elsewhere"}, {"mail", kOne, "elsewhere"}}));
  EXPECT_EQ(taken(), std::vector<std::string>());
  EXPECT_TRUE(has(kOne));
}

TEST_F(YankTest, AnImageTellsItsVersionWithoutATag) {
  release("dev", kOne);
  release("dev", kTwo);
  yank(kTwo);
  const auto layout = registry() / "oci/web";
  std::set<std::string> versions;
  for (const auto& digest : images()) versions.insert(oci::version_of(layout, digest).value());
  EXPECT_EQ(versions, (std::set<std::string>{kOne, kTwo}));
  const auto none = sha256("none");
  refused(oci::version_of(layout, none), ErrorCode::kMissing,
          "the OCI layout \"" + layout.string() + "\" has no manifest \"sha256:" + none.hex() + "\"");
}

TEST_F(YankTest, AChannelGoesBackToWhatItHadBefore) {
  for (const auto& version : {kOne, kTwo, kThree}) release("dev", version);
  yank(kTwo);
  EXPECT_EQ(points_to("dev"), kThree);
  yank(kThree);
  EXPECT_EQ(points_to("dev"), kOne);
}

TEST_F(YankTest, AChannelNeverGoesBackToWhatGcTook) {
  release("dev", kOne);
  release("dev", kTwo);
  EXPECT_EQ(collect().releases, std::vector<std::string>{"web@dev " + kOne});
  yank(kTwo);
  EXPECT_EQ(points_to("dev"), "");
}

TEST_F(YankTest, AChannelGoesBackBeyondWhatGcTook) {
  for (const auto& version : {kOne, kTwo, kThree}) release("dev", version);
  ASSERT_TRUE(write_holds(registry(), {{"web", kOne, "audit"}}));
  EXPECT_EQ(collect().releases, std::vector<std::string>{"web@dev " + kTwo});
  yank(kThree);
  EXPECT_EQ(points_to("dev"), kOne);
}

TEST_F(YankTest, AReleaseThatWasYankedComesBackToNoChannel) {
  release("dev", kOne);
  release("dev", kTwo);
  release("stable", kOne);
  yank(kTwo);
  for (const auto* channel : {"dev", "stable", "blue"})
    refused(publish(channel, kTwo), ErrorCode::kUsage, "\"web\" " + kTwo + " was yanked: does not answer");
  const auto again = publish("blue", kTwo);
  EXPECT_EQ(again.error().hint, "build and publish another version");
  (void)collect();
  refused(publish("blue", kTwo), ErrorCode::kUsage, "\"web\" " + kTwo + " was yanked: does not answer");
}

TEST_F(YankTest, AReleaseOfOneChannelIsNotPromotedWhenAnotherSaysThatItWasYanked) {
  release("dev", kOne);
  yank(kOne);
  release("stable", kOne);  // as an older reburst let it
  auto metadata = open();
  refused(promote(metadata, {"web", kOne, "blue", "tried", 1}, silent_progress()), ErrorCode::kUsage,
          "\"web\" " + kOne + " was yanked: does not answer");
}

// Web-stable gets kTwo, and points to it.
class ApprovalTest : public ReleasesTest {
 protected:
  [[nodiscard]] Proposal promotion(const std::string& version) const {
    auto metadata = open();
    const auto done = promote(metadata, {"web", version, "stable", "tried", 1}, silent_progress());
    EXPECT_TRUE(done) << done.error().message;
    return propose(metadata).value();
  }
  void refused_at_both(Proposal proposal, const std::string& message) const {
    const auto known = present_of(open(), proposal).value();
    refused(approve(proposal, who("keys"), &known), ErrorCode::kUsage, message);
    const auto published = House::publish(proposal);
    refused(published, ErrorCode::kUsage, message);
    EXPECT_EQ(published.error().hint, "do not publish it: propose another version");
  }
};

TEST_F(ApprovalTest, WhatWasYankedMeanwhileComesIntoNoChannel) {
  release("dev", kOne);
  release("dev", kTwo);
  const auto late = promotion(kTwo);
  yank(kTwo);
  refused_at_both(late,
                  "the proposal lets \"web-stable\" have \"web\" " + kTwo + ", which was yanked: does not answer");
  EXPECT_FALSE(open().delegated().contains("web-stable"));
  EXPECT_TRUE(House::publish(promotion(kOne)));
  EXPECT_EQ(points_to("stable"), kOne);
}

TEST_F(ApprovalTest, AChannelIsNotPointedToWhatAnotherSaysWasYanked) {
  release("dev", kOne);
  release("dev", kTwo);
  release("stable", kTwo);
  release("stable", kThree);
  const auto late = promotion(kTwo);  // which the channel has already
  yank_in_dev(kTwo);
  refused_at_both(late,
                  "the proposal lets \"web-stable\" have \"web\" " + kTwo + ", which was yanked: does not answer");
  EXPECT_EQ(points_to("stable"), kThree);
}

TEST_F(ApprovalTest, WhatAChannelHasAllTheTimeIsNoObstacle) {
  release("dev", kOne);
  release("dev", kTwo);
  release("stable", kTwo);
  const auto late = promotion(kOne);
  yank_in_dev(kTwo);
  EXPECT_TRUE(House::publish(late));
  EXPECT_EQ(points_to("stable"), kOne);
}

}  // namespace
}  // namespace reburst::registry
