#include "house.hpp"
#include "signing/sign/seal.hpp"

namespace reburst::registry {
namespace {

// What clients read at most is what is published at most.
class BoundsTest : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    fs::remove_all(at("keys"));
    ASSERT_TRUE(signing::create_development_keys(at("keys")));
    auto metadata = open();
    move(metadata, "dev", "1");
    ASSERT_TRUE(commit(metadata, silent_progress()));
  }
};

TEST_F(BoundsTest, MetadataThatNoClientReadsIsNotPublished) {
  const auto before = read_file(registry() / "metadata/timestamp.json", 1U << 20U).value();
  auto metadata = open();
  auto targets = metadata.delegated().at("web-dev");
  targets.targets.at("web/dev/history.jsonl").custom["notes"] = std::string(client::kMaxTargetsMetadata, 'x');
  ASSERT_TRUE(metadata.set_delegated("web-dev", channel_paths("web", "dev"), targets));
  for (const auto& refusal : {commit(metadata, silent_progress()).error(), propose(metadata).error()}) {
    EXPECT_EQ(refusal.code, ErrorCode::kUsage);
    EXPECT_TRUE(refusal.message.starts_with("the metadata of \"web-dev\" would have 1048")) << refusal.message;
    EXPECT_TRUE(refusal.message.ends_with(" bytes, and clients read 10485760 at most")) << refusal.message;
    EXPECT_EQ(refusal.hint, "let reburst registry gc take old releases out of the channel first");
  }
  EXPECT_EQ(read_file(registry() / "metadata/timestamp.json", 1U << 20U).value(), before);
}

TEST_F(BoundsTest, AHistoryThatNoClientReadsIsNotPublished) {
  const auto metadata = open();
  auto channel = read_channel(metadata, "web", "dev").value();
  const auto signer = statement_signer(metadata.publisher(), "web-dev").value();
  client::Move step{.kind = "promote",
                    .role = "web",
                    .channel = "dev",
                    .from = "1",
                    .to = "1",
                    .version = {},
                    .reason = std::string(4000, 'x'),
                    .by = signer->public_key().id(),
                    .at = kNow};
  const auto line = [&] {
    return signing::seal_envelope(client::kMoveType, client::move_payload(step, channel.history), {signer.get()})
        .value();
  };
  const auto two_lines = 2 * line().size();
  while (channel.history.size() + two_lines < client::kMaxHistory) channel.history += line();
  ASSERT_TRUE(add_move(channel, step, metadata.publisher()));
  const auto done = add_move(channel, step, metadata.publisher());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUsage);
  EXPECT_TRUE(done.error().message.ends_with(" bytes, and clients read 10485760 at most")) << done.error().message;
  EXPECT_EQ(done.error().hint, "a history is never shortened: go on in a channel of another name");
}

}  // namespace
}  // namespace reburst::registry
