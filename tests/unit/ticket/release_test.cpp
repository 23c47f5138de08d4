// From the channel's metadata to the release that boots.
#include "tests/unit/ticket/tickets.hpp"

namespace reburst::boot {
namespace {

const std::string kStable = "checking \"web-stable\" of the release ticket";
const std::string kTargets = "checking \"targets\" of the release ticket";

Result<TicketAnswer> check_changed(const std::function<void(Repository&)>& change) {
  auto registry = repository();
  change(registry);
  registry.bump("targets");
  registry.bump("web-stable");
  return check(ticket(files(registry)), question(registry));
}

TEST(Ticket, OfAnotherReleaseIsRefused) {
  const auto registry = repository();
  auto asked = question(registry);
  asked.version = "20260101T000000Z";
  expect_refused(check(ticket(registry), asked), {kStable, "the release web/stable/20260101T000000Z",
                                                  "other releases: it was yanked, or the ticket is of another",
                                                  "start a release that the channel still has, with its own ticket"});
}

TEST(Ticket, OfAnotherRoleIsRefused) {
  const auto registry = repository();
  auto asked = question(registry);
  asked.role = "db";
  expect_refused(check(ticket(registry), asked),
                 {kTargets, "a delegation of db/stable/*", "no such delegation: the ticket is of another registry"});
}

TEST(Ticket, OfAnotherChannelThanItsDelegationIsRefused) {
  const auto registry = repository();
  auto renamed = files(registry);
  renamed.channel = "dev";
  EXPECT_FALSE(check(ticket(renamed), question(registry)));
}

TEST(Ticket, OfAnotherRootHashIsRefused) {
  const auto registry = repository();
  auto asked = question(registry);
  asked.root_hash[31] ^= 1U;
  expect_refused(check(ticket(registry), asked),
                 {kStable, "root hash " + std::string(63, 'a') + "b, this release's", "root hash " + kRootHash,
                  "start the image that was published: this one only bears its version"});
}

TEST(Ticket, OfAReleaseBelowTheChannelsEpochIsRefused) {
  const auto refused = check_changed([](Repository& registry) {
    for (auto& [path, target] : registry.delegated.at("web-stable").targets) {
      if (path.find(kNewer) != std::string::npos) target.custom = custom(kNewer, 4);
    }
  });
  expect_refused(refused, {kStable, "security epoch 4 or later", "security epoch 3: an older release",
                           "start a newer release: this one must not be used any more"});
}

TEST(Ticket, OfAReleaseBelowTheImagesFloorIsRefused) {
  const auto registry = repository();
  auto asked = question(registry);
  asked.floor = 3;
  EXPECT_TRUE(check(ticket(registry), asked));
  asked.floor = 9;
  expect_refused(check(ticket(registry), asked),
                 {kStable, "security epoch 9 or later", "security epoch 3: an older release",
                  "start a newer release: this one must not be used any more"});
}

TEST(Ticket, WhoseReleaseHasTwoRootHashesIsRefused) {
  const auto refused = check_changed([](Repository& registry) {
    auto& target = registry.delegated.at("web-stable").targets.at("web/stable/" + kVersion + "/web.raw");
    target.custom["root_hash"] = std::string(64, 'c');
  });
  expect_refused(refused, {kStable, "one root hash and security epoch of this release", "several"});
}

struct Custom {
  std::string key;
  Json value;
};
class WrongCustom : public testing::TestWithParam<Custom> {};

TEST_P(WrongCustom, IsRefused) {
  const auto refused = check_changed([](Repository& registry) {
    auto& target = registry.delegated.at("web-stable").targets.at("web/stable/" + kNewer + "/web.raw");
    target.custom[GetParam().key] = GetParam().value;
  });
  expect_refused(refused,
                 {kStable, "role, version, root hash and security epoch with every file of a release", "other facts"});
}
INSTANTIATE_TEST_SUITE_P(Each, WrongCustom,
                         testing::Values(Custom{"role", "db"}, Custom{"role", ""}, Custom{"role", "web/stable"},
                                         Custom{"version", kVersion}, Custom{"root_hash", std::string(63, 'a')},
                                         Custom{"root_hash", std::string(64, 'A')}, Custom{"security_epoch", "3"},
                                         Custom{"security_epoch", -3}));

TEST(Ticket, WhoseChannelNamesFilesOfAnotherIsRefused) {
  const auto refused = check_changed([](Repository& registry) {
    auto& targets = registry.delegated.at("web-stable").targets;
    targets["web/dev/" + kVersion + "/web.raw"] = targets.begin()->second;
  });
  expect_refused(refused, {kStable, "files of its own channel", "another"});
}

TEST(Ticket, WhoseChannelDelegatesIsRefused) {
  const auto refused = check_changed([](Repository& registry) {
    auto& channel = registry.delegated.at("web-stable");
    channel.keys = registry.targets.keys;
    channel.delegations = registry.targets.delegations;
  });
  expect_refused(refused, {kStable, "no delegations", "some"});
}

TEST(Ticket, WhoseTargetsNameFilesIsRefused) {
  const auto refused = check_changed([](Repository& registry) {
    registry.targets.targets["web/stable/" + kVersion + "/web.raw"] =
        registry.delegated.at("web-stable").targets.begin()->second;
  });
  expect_refused(refused, {kTargets, "delegations alone", "a file"});
}

// A delegation before the channel's own that covers its paths would speak for them.
class WideDelegation : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(WideDelegation, IsRefused) {
  const auto refused =
      check_changed([](Repository& registry) { registry.targets.delegations.at(0).paths = GetParam(); });
  expect_refused(refused, {kTargets, "delegations of one channel each", "another"});
}
INSTANTIATE_TEST_SUITE_P(Each, WideDelegation,
                         testing::Values(std::vector<std::string>{"*"}, std::vector<std::string>{"*/*", "*/*/*"},
                                         std::vector<std::string>{"web/stable/*", "web/stable/*/*"},
                                         std::vector<std::string>{"web/dev/*"},
                                         std::vector<std::string>{"web/dev/*", "web/*/*/*"},
                                         std::vector<std::string>{"web/dev/*", "web/dev/*/*", "web/stable/*/*"}));

TEST(Ticket, WhoseDelegationDoesNotTerminateIsRefused) {
  const auto refused =
      check_changed([](Repository& registry) { registry.targets.delegations.at(1).terminating = false; });
  expect_refused(refused, {kTargets, "delegations of one channel each", "another"});
}

}  // namespace
}  // namespace reburst::boot
