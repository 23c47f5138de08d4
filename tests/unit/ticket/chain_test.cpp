// From the trusted root to the channel's metadata: sections 5.3 to 5.6 of TUF 1.0.30.
#include "core/text.hpp"
#include "tests/unit/ticket/tickets.hpp"

namespace reburst::boot {
namespace {

std::string what(const std::string& name) {
  return "checking \"" + name + "\" of the release ticket";
}

constexpr const char* kNewTicket = "hand over a new ticket (reburst ticket), and check the machine's clock";

// The keys of "public" and the signatures of the two kinds: none is of two roles.
TEST(Ticket, OfAnotherRegistryIsRefused) {
  const auto registry = repository();
  Repository other("other-");
  auto asked = question(registry);
  asked.root = other.files.at("1.root.json");
  expect_refused(check(ticket(registry), asked), {what("timestamp"), "signatures of 1 of its 1 keys",
                                                  "0 that fit: it was changed, or signed with other keys"});
}

struct Broken {
  std::string role, expected, found;
};
class BrokenSignature : public testing::TestWithParam<Broken> {};

// One digit of one signature, in a file that is otherwise listed as it is.
TEST_P(BrokenSignature, IsRefused) {
  auto registry = repository();
  const auto& role = GetParam().role;
  auto text = registry.served(role);
  const auto at = text.find("\"sig\":\"") + 7 + 20;
  text[at] = text[at] == '0' ? '1' : '0';
  registry.serve_instead(role, text);
  expect_refused(
      check(ticket(files(registry)), question(registry)),
      {what(role), GetParam().expected, GetParam().found + " that fit: it was changed, or signed with other keys"});
}
INSTANTIATE_TEST_SUITE_P(Each, BrokenSignature,
                         testing::Values(Broken{"timestamp", "signatures of 1 of its 1 keys", "0"},
                                         Broken{"snapshot", "signatures of 1 of its 1 keys", "0"},
                                         Broken{"targets", "signatures of 1 of its 1 keys", "0"},
                                         Broken{"web-stable", "signatures of 2 of its 2 keys", "1"}),
                         [](const auto& info) { return reburst::split(info.param.role, '-').back().data(); });

TEST(Ticket, OfAnImageWhoseRootWasChangedIsRefused) {
  const auto registry = repository();
  auto asked = question(registry);
  auto root = registry.files.at("1.root.json");
  const auto at = root.find("\"sig\":\"") + 7 + 20;
  root[at] = root[at] == '0' ? '1' : '0';
  asked.root = root;
  expect_refused(check(ticket(registry), asked), {what("root"), "signatures of 2 of its 3 keys",
                                                  "1 that fit: it was changed, or signed with other keys"});
}

TEST(Ticket, WithOneSignatureTwiceDoesNotReachTheThreshold) {
  auto registry = repository();
  registry.signers["web-stable"] = {"stable-1"};
  const auto sealed = registry.seal("web-stable", tuf::to_json(registry.delegated.at("web-stable")));
  registry.serve_instead(
      "web-stable", client::edited(sealed, [](Json& json) { json["signatures"].push_back(json["signatures"][0]); }));
  expect_refused(
      check(ticket(files(registry)), question(registry)),
      {what("web-stable"), "signatures of 2 of its 2 keys", "1 that fit: it was changed, or signed with other keys"});
}

// One key under two names: section 4.2 derives the name from the key, and the name of the type is part of that.
TEST(Ticket, CountsAKeyOnceWhateverItsNames) {
  auto registry = repository();
  auto object = client::key("p256-stable-2").to_tuf();
  object["keytype"] = "ecdsa-sha2-nistp256";
  const auto alias = signing::PublicKey::from_tuf(object, "alias").value();
  ASSERT_NE(alias.id(), client::key("p256-stable-2").id());
  registry.targets.keys.emplace(alias.id(), alias);
  auto& keys = registry.targets.delegations.at(1).keys;
  keys.keyids = {alias.id(), client::key("p256-stable-2").id()};
  registry.signers["web-stable"] = {"p256-stable-2"};
  const auto sealed = registry.seal("web-stable", tuf::to_json(registry.delegated.at("web-stable")));
  registry.put_targets("targets");
  registry.serve_instead("web-stable", client::edited(sealed, [&](Json& json) {
                           auto again = json["signatures"][0];
                           again["keyid"] = alias.id();
                           json["signatures"].push_back(again);
                         }));
  expect_refused(
      check(ticket(files(registry)), question(registry)),
      {what("web-stable"), "signatures of 2 of its 2 keys", "1 that fit: it was changed, or signed with other keys"});
}

TEST(Ticket, WithAKeyUnderAnotherNameIsRefused) {
  auto registry = repository();
  const auto text = client::edited(registry.served("targets"), [](Json& json) {
    auto& keys = json["signed"]["delegations"]["keys"];
    const auto id = client::key("stable-1").id();
    keys[id]["keyval"]["public"] = client::key("dev").to_tuf()["keyval"]["public"];
  });
  Json body = Json::parse(text)["signed"];
  const std::string value = client::signer("targets").sign(tuf::signed_bytes(body)).value();
  registry.serve_instead("targets", client::edited(text, [&](Json& json) {
                           json["signatures"][0]["sig"] = to_hex(std::as_bytes(std::span(value.data(), value.size())));
                         }));
  expect_refused(check(ticket(files(registry)), question(registry)),
                 {what("targets"), "each key under the SHA-256 of itself", "a key under another name"});
}

class Expired : public testing::TestWithParam<std::string> {};

TEST_P(Expired, IsRefused) {
  auto registry = repository();
  const auto& role = GetParam();
  registry.header(role).expires = kNow;
  if (role == "root") {
    registry.bump_root();
  } else {
    registry.bump(role);
  }
  const auto text = ticket(files(registry));
  expect_refused(check(text, question(registry)), {what(role), "an expiry after 2026-11-21T00:00:00Z",
                                                   "it expired at 2026-11-21T00:00:00Z", kNewTicket});
  auto earlier = question(registry);
  earlier.clock = kNow - 1;
  EXPECT_TRUE(check(text, earlier));
  // A clock that was set back is not believed against the image.
  earlier.epoch = kNow;
  EXPECT_FALSE(check(text, earlier));
}
INSTANTIATE_TEST_SUITE_P(Each, Expired, testing::Values("root", "timestamp", "snapshot", "targets", "web-stable"),
                         [](const auto& info) { return reburst::split(info.param, '-').back().data(); });

// A version of a release is the time of its inputs: the ticket itself tells that the clock is behind.
TEST(Ticket, IsNotKeptAliveByAClockBehindItsOwnReleases) {
  auto registry = repository();
  auto& targets = registry.delegated.at("web-stable");
  const std::string later = "20261122T000001Z";
  targets.targets["web/stable/" + later + "/manifest.json"] = {1, reburst::sha256("x"), custom(later)};
  registry.bump("web-stable");
  expect_refused(
      check(ticket(files(registry)), question(registry)),
      {what("timestamp"), "an expiry after 2026-11-22T00:00:01Z", "it expired at 2026-11-22T00:00:00Z", kNewTicket});
}

TEST(Ticket, WithASnapshotOfAnotherMomentIsRefused) {
  auto registry = repository();
  auto older = files(registry);
  registry.bump("web-stable");
  auto mixed = files(registry);
  mixed.snapshot = older.snapshot;
  const auto result = check(ticket(mixed), question(registry));
  expect_refused(result, {what("snapshot"), "SHA-256 " + reburst::sha256(registry.served("snapshot")).hex(),
                          "SHA-256 " + reburst::sha256(older.snapshot).hex() + ": files of different moments"});
}

TEST(Ticket, WithAnOlderDelegationIsRefused) {
  auto registry = repository();
  const auto older = files(registry).delegation;
  registry.bump("web-stable");
  auto mixed = files(registry);
  mixed.delegation = older;
  EXPECT_FALSE(check(ticket(mixed), question(registry)));
  registry.state_hashes = false;
  registry.put_targets("web-stable");
  registry.put_snapshot();
  registry.put_timestamp();
  mixed = files(registry);
  mixed.delegation = older;
  expect_refused(check(ticket(mixed), question(registry)),
                 {what("web-stable"), "version 2, which is listed", "version 1"});
}

TEST(Ticket, WithAnOtherLengthThanListedIsRefused) {
  auto registry = repository();
  registry.snapshot.meta["targets.json"].length = 17;
  registry.put_snapshot();
  registry.put_timestamp();
  expect_refused(check(ticket(files(registry)), question(registry)),
                 {what("targets"), "the length that is listed", "another"});
}

TEST(Ticket, OfAChannelThatSnapshotDoesNotListIsRefused) {
  auto registry = repository();
  registry.snapshot.meta.erase("web-stable.json");
  registry.put_snapshot();
  registry.put_timestamp();
  expect_refused(check(ticket(files(registry)), question(registry)), {what("web-stable"), "to be listed", "it is not"});
}

TEST(Ticket, WithAFileOfAnotherTypeIsRefused) {
  const auto registry = repository();
  auto mixed = files(registry);
  mixed.timestamp = mixed.snapshot;
  expect_refused(check(ticket(mixed), question(registry)),
                 {what("timestamp"), "timestamp", "metadata of another type"});
}

TEST(Ticket, OfASpecVersionThatIsNoSemanticVersionOneIsRefused) {
  for (const auto* version :
       {"", "1", "1.", "1..", "1.0", "1.0.", "1..0", "1.0.0.0", "1.0.x", "1.0.030", "01.0.0", "2.0.0"}) {
    auto registry = repository();
    auto json = tuf::to_json(registry.timestamp);
    json["spec_version"] = version;
    registry.files["timestamp.json"] = registry.seal("timestamp", json);
    expect_refused(check(ticket(files(registry)), question(registry)),
                   {what("timestamp"), "version 1 of the TUF specification", "another"});
  }
}

TEST(Ticket, WhoseRootsLeaveOneOutIsRefused) {
  auto registry = repository();
  registry.bump_root();
  registry.bump_root();
  auto some = files(registry);
  some.roots.erase(some.roots.begin());
  expect_refused(check(ticket(some), question(registry)),
                 {what("root"), "version 2", "version 3",
                  "make the ticket with the root that the image was built with: reburst ticket --root"});
}

TEST(Ticket, WhoseNextRootOnlyItsOwnKeysSignedIsRefused) {
  auto registry = repository();
  Repository other("other-");
  other.bump_root();
  auto forged = files(registry);
  forged.roots = {other.files.at("2.root.json")};
  expect_refused(check(ticket(forged), question(registry)), {what("root"), "signatures of 2 of its 3 keys",
                                                             "0 that fit: it was changed, or signed with other keys"});
}

TEST(Ticket, WithAMemberThatNobodySignedIsRefused) {
  const auto registry = repository();
  auto more = files(registry);
  more.timestamp = client::edited(more.timestamp, [](Json& json) { json["unsigned"] = 1; });
  expect_refused(check(ticket(more), question(registry)),
                 {what("timestamp"), "\"signatures\" and \"signed\"", "other members"});
}

TEST(Ticket, ThatIsNotCanonicalIsRefused) {
  const auto registry = repository();
  auto blank = files(registry);
  blank.timestamp.insert(1, " ");
  expect_refused(check(ticket(blank), question(registry)), {what("timestamp"), "a string", "something else at byte 1"});
}

}  // namespace
}  // namespace reburst::boot
