// What a reference names where the channels of a role do not say the same of a version.
#include <algorithm>

#include "registry/client/history.hpp"
#include "registry/client/remote.hpp"
#include "registry/release/layout.hpp"
#include "signing/verify/dsse.hpp"
#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

const std::string kOlder = "20261101T101112Z";
const std::string kVersion = "20261115T090807Z";

Json custom(const std::string& version) {
  const std::string digest(64, 'b');
  return {{"role", "web"},        {"architecture", "amd64"},           {"version", version},
          {"security_epoch", 0},  {"root_hash", std::string(64, 'a')}, {"oci", "sha256:" + digest},
          {"chunk_index", digest}};
}

Move yank(const std::string& version, const std::string& to, Epoch at = kNow) {
  Move out;
  out.kind = "yank";
  out.version = version;
  out.to = to;
  out.reason = "does not answer at " + std::to_string(at - kNow);
  out.at = at;
  return out;
}

Move publish(const std::string& version) {
  Move out;
  out.kind = "publish";
  out.to = version;
  out.reason = "new";
  out.at = kNow - kDay;
  return out;
}

// A registry in a folder, with the channels dev and stable of "web".
class FindTest : public testing::Test {
 protected:
  void put_channel(const std::string& channel, const std::vector<std::string>& versions, std::vector<Move> moves) {
    auto& targets = repository_.delegated.at("web-" + channel).targets;
    targets.clear();
    for (const auto& version : versions) {
      for (const std::string file : {"manifest.json", "web.raw"})
        targets["web/" + channel + "/" + version + "/" + file] = {7, sha256(version + file), custom(version)};
    }
    const auto& by = repository_.signers.at("web-" + channel).front();
    std::string text, before;
    for (auto& move : moves) {
      move.role = "web";
      move.channel = channel;
      move.from = std::exchange(before, move.to);
      move.by = key(by).id();
      text += signing::seal_envelope(kMoveType, move_payload(move, text), {&signer(by)}).value();
    }
    const auto path = registry::history_path("web", channel);
    targets[path] = {text.size(), sha256(text), {{"current", before}}};
    const auto file = folder() / "registry" / registry::stored_path(path, sha256(text));
    ASSERT_TRUE(make_directories(file.parent_path()));
    ASSERT_TRUE(write_file_atomic(file, text));
    repository_.put_targets("web-" + channel);
  }

  Result<ChannelRelease> find(const Reference& reference) {
    repository_.put_targets("targets");
    repository_.put_snapshot();
    repository_.put_timestamp();
    const auto metadata = folder() / "registry/metadata";
    REBURST_TRY(make_directories(metadata));
    for (const auto& [name, text] : repository_.files) REBURST_TRY(write_file_atomic(metadata / name, text));
    RemoteOptions options{.registry = (folder() / "registry").string(),
                          .root = repository_.files.at("1.root.json"),
                          .state = folder() / "state",
                          .now = kNow,
                          .fetch = {}};
    const auto roles = reference.channel.empty() ? std::vector<std::string>() : std::vector{"web-" + reference.channel};
    auto remote = REBURST_TRY(Remote::open(std::move(options), roles));
    return remote.find(reference);
  }

  void turn_delegations() {
    auto& order = repository_.targets.delegations;
    std::reverse(order.begin(), order.end());
  }

  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }

  Repository repository_;
  TempDirectory folder_ = TempDirectory::make(testing::TempDir(), "find").value();
};

const Reference kByVersion{.role = "web", .channel = "", .version = kVersion};
const Reference kDev{.role = "web", .channel = "dev", .version = ""};

TEST_F(FindTest, AVersionThatAllChannelsHaveIsFound) {
  put_channel("dev", {kVersion}, {publish(kVersion)});
  put_channel("stable", {kVersion}, {publish(kVersion)});
  const auto found = find(kByVersion);
  ASSERT_TRUE(found) << found.error().render();
  EXPECT_EQ(found->version, kVersion);
}

// One approver's channel has taken it back, and the other one's has not yet.
TEST_F(FindTest, AVersionThatOneChannelYankedIsRefusedInAnyOrder) {
  for (const auto& [yanked, other] : {std::pair("dev", "stable"), std::pair("stable", "dev")}) {
    put_channel(yanked, {kOlder}, {publish(kOlder), publish(kVersion), yank(kVersion, kOlder)});
    put_channel(other, {kVersion}, {publish(kVersion)});
    for (int order = 0; order < 2; ++order) {
      const auto found = find(kByVersion);
      ASSERT_FALSE(found) << yanked << order;
      EXPECT_EQ(found.error().code, ErrorCode::kYanked);
      EXPECT_EQ(found.error().message,
                "\"web\" " + kVersion + " was yanked at 2026-11-21T00:00:00Z: does not answer at 0");
      turn_delegations();
    }
  }
}

TEST_F(FindTest, TheLatestOfTwoYanksIsToldInAnyOrder) {
  put_channel("dev", {kOlder}, {publish(kOlder), publish(kVersion), yank(kVersion, kOlder, kNow - 9)});
  put_channel("stable", {kOlder}, {publish(kOlder), publish(kVersion), yank(kVersion, kOlder, kNow - 5)});
  for (int order = 0; order < 2; ++order) {
    const auto found = find(kByVersion);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().message,
              "\"web\" " + kVersion + " was yanked at 2026-11-20T23:59:55Z: does not answer at -5");
    turn_delegations();
  }
}

TEST_F(FindTest, AYankOfAnotherVersionChangesNothing) {
  put_channel("dev", {kVersion}, {publish(kOlder), yank(kOlder, ""), publish(kVersion)});
  put_channel("stable", {kVersion}, {publish(kVersion)});
  EXPECT_TRUE(find(kByVersion));
  const auto found = find(kDev);
  ASSERT_TRUE(found) << found.error().render();
  EXPECT_EQ(found->version, kVersion);
}

TEST_F(FindTest, AChannelWhoseOnlyReleaseWasYankedSaysWhy) {
  put_channel("dev", {}, {publish(kVersion), yank(kVersion, "")});
  const auto found = find(kDev);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kYanked);
  EXPECT_EQ(found.error().message, "\"web\" " + kVersion + " was yanked at 2026-11-21T00:00:00Z: does not answer at 0");
  EXPECT_EQ(found.error().hint, "pull another version: reburst list shows what there is");
}

// The channel points to nothing since the first of the two.
TEST_F(FindTest, AnEmptyChannelNamesTheReleaseThatItPointedToLast) {
  put_channel("dev", {}, {publish(kOlder), publish(kVersion), yank(kVersion, "", kNow - 9), yank(kOlder, "")});
  const auto found = find(kDev);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message,
            "\"web\" " + kVersion + " was yanked at 2026-11-20T23:59:51Z: does not answer at -9");
}

TEST_F(FindTest, AChannelToWhichNothingWasPublishedHasNone) {
  put_channel("dev", {}, {});
  const auto found = find(kDev);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kMissing);
  EXPECT_EQ(found.error().message, "the channel \"dev\" of \"web\" points to no release");
}

TEST_F(FindTest, AnExpiredChannelHidesNoYankOfAnother) {
  put_channel("dev", {kVersion}, {publish(kVersion)});
  put_channel("stable", {kOlder}, {publish(kOlder), publish(kVersion), yank(kVersion, kOlder)});
  repository_.delegated.at("web-dev").header.expires = kNow - 1;
  repository_.put_targets("web-dev");
  const auto found = find(kByVersion);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kYanked);
}

}  // namespace
}  // namespace reburst::client
