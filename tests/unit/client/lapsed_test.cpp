// A channel whose metadata has expired: it says nothing, and the others say what they say
// (docs/adr/0019-lapsed-channel.md).
#include "registry/client/evidence.hpp"
#include "registry/client/remote.hpp"
#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

const std::string kVersion = "20261101T000000Z", kOther = "20261102T000000Z";
const std::string kExpired =
    "cannot accept \"3.web-stable.json\": it has expired (TUF 5.6.5: freeze)\n  expected an expiry after "
    "2026-11-21T00:00:00Z\n  actual   2026-11-20T00:00:00Z";

Json custom_of(const std::string& version) {
  return {{"architecture", "amd64"}, {"chunk_index", std::string(64, '3')}, {"oci", "sha256:" + std::string(64, '2')},
          {"role", "web"},           {"root_hash", std::string(64, '1')},   {"security_epoch", 0U},
          {"version", version}};
}

// Web@stable has both releases and has expired, web@dev has the first alone.
class LapsedTest : public testing::Test {
 protected:
  void SetUp() override {
    have("dev", {kVersion});
    have("stable", {kVersion, kOther});
    before_ = updated(repository_);
    repository_.delegated.at("web-stable").header.expires = kNow - kDay;
    repository_.bump("web-stable");
    ASSERT_TRUE(make_directories(at("metadata")));
    for (const auto* channel : {"dev", "stable"}) {
      const auto file = at(std::string("targets/web/") + channel + "/" + sha256("").hex() + ".history.jsonl");
      ASSERT_TRUE(make_directories(file.parent_path()));
      ASSERT_TRUE(write_file_atomic(file, ""));
    }
  }
  void have(const std::string& channel, const std::vector<std::string>& versions) {
    auto& targets = repository_.delegated.at("web-" + channel).targets;
    targets = {{"web/" + channel + "/history.jsonl", {0, sha256(""), Json::object()}}};
    for (const auto& version : versions)
      targets["web/" + channel + "/" + version + "/manifest.json"] = {3, sha256("one"), custom_of(version)};
    repository_.bump("web-" + channel);
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_->path() / name; }
  [[nodiscard]] Result<VerifiedMetadata> update(const UpdateOptions& options = {}) const {
    return repository_.update(before_, options);
  }
  [[nodiscard]] Result<Remote> open(const std::vector<std::string>& roles) const {
    for (const auto& [name, text] : repository_.files) EXPECT_TRUE(write_file_atomic(at("metadata/" + name), text));
    return Remote::open({.registry = folder_->path().string(),
                         .root = repository_.first().root,
                         .state = at("state"),
                         .now = kNow,
                         .fetch = {}},
                        roles);
  }
  template <class T>
  static void expired(const Result<T>& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kExpired);
    EXPECT_EQ(result.error().message, kExpired);
  }

  Repository repository_;
  TrustedState before_;
  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "lapsed-test");
};

TEST_F(LapsedTest, AChannelThatNobodyNamedIsSetAside) {
  const auto result = update();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->delegated.contains("web-dev"));
  EXPECT_FALSE(result->delegated.contains("web-stable"));
  ASSERT_EQ(result->lapsed.size(), 1U);
  const auto& [expires, why] = result->lapsed.at("web-stable");
  EXPECT_EQ(expires, kNow - kDay);
  EXPECT_EQ(why.code, ErrorCode::kExpired);
  EXPECT_EQ(why.message, kExpired);
}

TEST_F(LapsedTest, OneThatIsNamedIsRefused) {
  expired(update({.delegated = {"web-stable"}}));
  expired(update({.delegated = {"web-dev", "web-stable"}}));
}

TEST_F(LapsedTest, ItSaysNothing) {
  const auto metadata = update().value();
  expired(channel_releases(metadata, "web", "stable"));
  EXPECT_FALSE(find_target(metadata, "web/stable/" + kVersion + "/manifest.json"));
  EXPECT_TRUE(find_target(metadata, "web/dev/" + kVersion + "/manifest.json"));
  EXPECT_EQ(channel_releases(metadata, "web", "dev").value().size(), 1U);
}

TEST_F(LapsedTest, NoLaterRoleSpeaksForItsPaths) {
  VerifiedMetadata metadata;
  for (const auto* role : {"a", "b"}) {
    metadata.targets.delegations.push_back({role, {}, {"x/*"}, false});
    metadata.delegated[role].targets["x/1"] = {1, sha256(role), Json::object()};
  }
  metadata.delegated.erase("a");
  EXPECT_TRUE(find_target(metadata, "x/1"));
  metadata.lapsed["a"] = {};
  EXPECT_FALSE(find_target(metadata, "x/1"));
}

TEST_F(LapsedTest, WhatWasSeenOfItBeforeIsKept) {
  const auto state = update().value().state;
  EXPECT_EQ(state.delegated.at("web-stable"), before_.delegated.at("web-stable"));
  EXPECT_EQ(state.delegated.at("web-dev"), before_.delegated.at("web-dev"));
}

TEST_F(LapsedTest, ItMayNotGoBackAllTheSame) {
  before_ = update().value().state;
  repository_.delegated.at("web-stable").header.version = 1;
  repository_.bump("web-stable");
  expect_refused(update(), ErrorCode::kIntegrity,
                 "cannot accept \"5.snapshot.json\": the version that it lists of \"web-stable.json\" went back (TUF "
                 "5.5.5: rollback)\n  expected 3 or later, seen by this machine before\n  actual   2");
}

TEST_F(LapsedTest, ItsSignaturesCountAllTheSame) {
  repository_.signers["web-stable"] = {"stable-1"};
  repository_.bump("web-stable");
  const auto result = update();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kSignature);
}

TEST_F(LapsedTest, RenewedItIsThereAgain) {
  before_ = update().value().state;
  repository_.delegated.at("web-stable").header.expires = kNow + kDay;
  repository_.bump("web-stable");
  const auto result = update();
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->lapsed.empty());
  EXPECT_TRUE(result->delegated.contains("web-stable"));
}

TEST_F(LapsedTest, AReleaseOfAnotherChannelIsFoundByItsVersion) {
  auto remote = open({});
  ASSERT_TRUE(remote) << remote.error().message;
  const auto release = remote->find({.role = "web", .channel = {}, .version = kVersion});
  ASSERT_TRUE(release) << release.error().message;
  EXPECT_EQ(release->channel, "dev");
}

TEST_F(LapsedTest, WhatItAloneHasIsRefused) {
  auto remote = open({});
  ASSERT_TRUE(remote) << remote.error().message;
  expired(remote->find({.role = "web", .channel = {}, .version = kOther}));
  expired(remote->find({.role = "web", .channel = "stable", .version = {}}));
  expired(remote->history("web", "stable"));
  expired(remote->releases("web", "stable"));
  expired(open({"web-stable"}));
}

// A pull by version keeps the metadata of all channels.
TEST_F(LapsedTest, AnotherChannelsExpiryIsNoneOfAPulledReleases) {
  repository_.delegated.at("web-stable").header.expires = kNow + kDay;
  repository_.bump("web-stable");
  const auto metadata = update().value();
  const auto root = repository_.first().root;
  const auto check = [&](const std::string& channel) {
    const auto release = channel_releases(metadata, "web", channel).value().front();
    return check_evidence(to_evidence(metadata, {root}, release), root, kNow + 2 * kDay, "trust.json");
  };
  const auto dev = check("dev");
  EXPECT_TRUE(dev) << dev.error().message;
  const auto stable = check("stable");
  ASSERT_FALSE(stable);
  EXPECT_EQ(stable.error().code, ErrorCode::kExpired);
  EXPECT_EQ(stable.error().message, "\"web-stable\" expired at 2026-11-22T00:00:00Z");
}

}  // namespace
}  // namespace reburst::client
