// What is accepted, and what it then says.
#include "boot/parse.hpp"
#include "boot/signature.hpp"
#include "tests/unit/ticket/tickets.hpp"

namespace reburst::boot {
namespace {

TEST(Ticket, OfTheRegistryIsGood) {
  const auto registry = repository();
  const auto text = ticket(registry);
  const auto answer = check(text, question(registry));
  ASSERT_TRUE(answer) << answer.error().what.view() << ": " << answer.error().expected.view() << ", "
                      << answer.error().found.view();
  EXPECT_EQ(answer->clone.view(), "web-17");
  EXPECT_EQ(answer->channel.view(), "stable");
  EXPECT_EQ(answer->security_epoch, 3U);
  EXPECT_EQ(answer->time, static_cast<std::uint64_t>(kNow));
  EXPECT_EQ(answer->until, static_cast<std::uint64_t>(kNow + kDay));  // the timestamp's
  EXPECT_EQ(answer->digest, sha256(text));
}

TEST(Ticket, HoldsAnyReleaseOfTheChannel) {
  const auto registry = repository();
  auto asked = question(registry);
  asked.version = kNewer;
  EXPECT_TRUE(check(ticket(registry), asked));
}

TEST(Ticket, IsMadeForOneChannel) {
  const auto registry = repository();
  const auto answer = check(ticket(registry, "dev"), question(registry));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->channel.view(), "dev");
}

TEST(Ticket, LeadsToTheNewestRoot) {
  auto registry = repository();
  registry.bump_root();
  registry.signers["timestamp"] = {"timestamp-2"};
  registry.root.roles["timestamp"] = client::role_keys({"timestamp-2"}, 1);
  registry.root.keys.emplace(client::key("timestamp-2").id(), client::key("timestamp-2"));
  registry.bump_root();
  registry.put_timestamp();
  EXPECT_TRUE(check(ticket(registry), question(registry)));
}

// An image that was built after the change has the newer root; a ticket from the first root on serves it, too.
TEST(Ticket, PassesOverRootsThatTheImageHasAlready) {
  auto registry = repository();
  registry.bump_root();
  registry.bump_root();
  auto asked = question(registry);
  asked.root = registry.files.at("2.root.json");
  EXPECT_TRUE(check(ticket(registry), asked));
  asked.root = registry.files.at("3.root.json");
  EXPECT_TRUE(check(ticket(registry), asked));
}

TEST(Ticket, TimeIsTheLatestThatIsKnown) {
  const auto registry = repository();
  const auto text = ticket(registry);
  auto asked = question(registry);
  asked.clock = 0;  // a machine without a clock: the image's own time
  auto answer = check(text, asked);
  ASSERT_TRUE(answer);
  std::uint64_t newest = 0;
  ASSERT_TRUE(parse_version_time(kNewer, newest));
  EXPECT_EQ(answer->time, newest);  // a release of that version was there
  asked.epoch = static_cast<std::uint64_t>(kNow - 1);
  answer = check(text, asked);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->time, static_cast<std::uint64_t>(kNow - 1));
}

TEST(Ticket, MayListVersionsWithoutHashes) {
  auto registry = repository();
  registry.state_hashes = false;
  for (const auto* role : {"targets", "web-stable", "web-dev"}) registry.put_targets(role);
  registry.put_snapshot();
  registry.put_timestamp();
  EXPECT_TRUE(check(ticket(registry), question(registry)));
}

TEST(Ticket, OfTheSameFilesByHandIsTheSame) {
  const auto registry = repository();
  EXPECT_EQ(ticket(files(registry)), ticket(registry));
}

}  // namespace
}  // namespace reburst::boot
