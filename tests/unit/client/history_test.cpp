#include "registry/client/history.hpp"

#include <functional>

#include "core/text.hpp"
#include "signing/verify/dsse.hpp"
#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

Move move(const std::string& kind, const std::string& from, const std::string& to) {
  return {.kind = kind,
          .role = "web",
          .channel = "stable",
          .from = from,
          .to = to,
          .version = kind == "yank" ? from : "",
          .reason = "nginx CVE fix",
          .by = key("stable-1").id(),
          .at = kNow};
}

std::string line(const std::string& payload, const std::string& by = "stable-1", std::string_view type = kMoveType) {
  return signing::seal_envelope(type, payload, {&signer(by)}).value();
}

std::string history(const std::vector<Move>& moves) {
  std::string text;
  for (const auto& each : moves) text += line(move_payload(each, text));
  return text;
}

std::vector<Move> moves() {
  return {move("publish", "", "1"), move("promote", "1", "2"), move("yank", "2", "1"), move("yank", "1", "")};
}

Result<std::vector<Move>> parse(const std::string& text) {
  return parse_history(text, "web", "stable", {key("stable-1"), key("p256-stable-2")});
}

void expect_refused(const std::string& text, const std::string& message, ErrorCode code = ErrorCode::kIntegrity) {
  const auto result = parse(text);
  ASSERT_FALSE(result) << message;
  EXPECT_EQ(result.error().message, message);
  EXPECT_EQ(error_name(result.error().code), error_name(code));
}

const std::string kFirst = "line 1 of the history of web/stable";

TEST(History, IsReadInItsOrder) {
  const auto read = parse(history(moves()));
  ASSERT_TRUE(read) << read.error().render();
  ASSERT_EQ(read->size(), 4U);
  EXPECT_EQ(read->at(0).kind, "publish");
  EXPECT_EQ(read->at(1).from, "1");
  EXPECT_EQ(read->at(1).to, "2");
  EXPECT_EQ(read->at(1).reason, "nginx CVE fix");
  EXPECT_EQ(read->at(1).at, kNow);
  EXPECT_EQ(read->at(1).by, key("stable-1").id());
  EXPECT_EQ(read->at(2).version, "2");
  EXPECT_EQ(read->at(3).to, "");
}

TEST(History, MayBeEmpty) {
  EXPECT_TRUE(parse("").value().empty());
}

TEST(History, ALineIsOneEnvelope) {
  const std::string good = history(moves());
  EXPECT_EQ(split(good, '\n').size(), 5U);
  EXPECT_FALSE(parse("\n"));
  EXPECT_FALSE(parse("\n" + good));
  EXPECT_FALSE(parse(good + "\n"));
  EXPECT_FALSE(parse("{}\n"));
  expect_refused(good.substr(0, good.size() - 1), "cannot accept line 4 of the history of web/stable: it is cut short");
}

TEST(History, EveryMoveIsOfAKnownKind) {
  auto first = move("revert", "", "1");
  expect_refused(history({first}), "cannot accept " + kFirst + ": its kind \"revert\" is unknown");
}

TEST(History, AnotherPayloadTypeIsRefused) {
  expect_refused(line(move_payload(moves()[0], ""), "stable-1", signing::kInTotoType),
                 "cannot accept " + kFirst + ": its payload is no move");
}

TEST(History, AnUnknownMemberOrAnotherSpellingIsRefused) {
  const std::string payload = move_payload(moves()[0], "");
  const std::string message = "cannot accept " + kFirst + ": its payload is not in canonical form";
  expect_refused(line(payload + "\n"), message);
  expect_refused(line("{\"a\":1," + payload.substr(1)), message);
  expect_refused(line("{ " + payload.substr(1)), message);
  Json json = Json::parse(payload);
  json["version"] = "1";  // of a move that is no yank
  expect_refused(line(tuf::signed_bytes(json)), message);
}

TEST(History, ALineThatWasRemovedIsMissed) {
  const std::string text = history(moves());
  const auto second = text.find('\n') + 1;
  const auto third = text.find('\n', second) + 1;
  expect_refused(text.substr(second), "cannot accept " + kFirst + ": it does not follow the line before");
  expect_refused(text.substr(0, second) + text.substr(third),
                 "cannot accept line 2 of the history of web/stable: it does not follow the line before");
}

// With its digests in order: the keeper's own mistake, or a stolen key's.
TEST(History, AMoveStartsWhereTheChannelIs) {
  expect_refused(
      history({move("publish", "", "1"), move("promote", "3", "2")}),
      "cannot accept line 2 of the history of web/stable: it moves from \"3\", and the channel was at \"1\"");
  expect_refused(history({move("publish", "1", "2")}),
                 "cannot accept " + kFirst + ": it moves from \"1\", and the channel was at \"\"");
}

struct Refusal {
  std::function<void(Move&)> change;
  std::string why;
};

TEST(History, WhatAMoveCannotSayIsRefused) {
  const std::vector<Refusal> refusals{
      {[](Move& m) { m.to = ""; }, "it moves the channel to nothing, and is no yank"},
      {[](Move& m) { m.to = "../x"; }, "a version is not a plain name"},
      {[](Move& m) { m.from = "a b"; }, "a version is not a plain name"},
      {[](Move& m) { m.kind = "yank"; }, "it does not say which version is yanked"},
      {[](Move& m) {
         m.kind = "yank";
         m.version = m.to;
       },
       "it moves the channel to the version that it yanks"},
      {[](Move& m) { m.reason = "\x1b[2J"; }, "\"reason\" is too long, or holds a control character"},
      {[](Move& m) { m.reason = std::string(4097, 'x'); }, "\"reason\" is too long, or holds a control character"},
      {[](Move& m) { m.by = "me"; }, "\"by\" is not a key id"},
      {[](Move& m) { m.role = "db"; }, "it is of \"db/stable\""},
      {[](Move& m) { m.channel = "dev"; }, "it is of \"web/dev\""}};
  for (const auto& refusal : refusals) {
    auto first = moves()[0];
    refusal.change(first);
    expect_refused(history({first}), "cannot accept " + kFirst + ": " + refusal.why);
  }
}

TEST(History, EveryMemberMustBeThere) {
  const Json good = Json::parse(move_payload(moves()[0], ""));
  for (const auto& [name, value] : good.items()) {
    Json json = good;
    json.erase(name);
    expect_refused(line(tuf::signed_bytes(json)), "\"" + kFirst + "\" has no string \"" + name + "\"");
  }
}

TEST(History, TheKeyThatItNamesHasSignedIt) {
  expect_refused(line(move_payload(moves()[0], ""), "p256-stable-2"),
                 "cannot trust the envelope \"" + kFirst + "\": 0 of 1 trusted keys signed it, and 1 must",
                 ErrorCode::kSignature);
}

// A key that was replaced since: the history's digest in the targets vouches for what it signed.
TEST(History, AKeyThatIsNoLongerListedIsVouchedForByTheTargets) {
  auto first = moves()[0];
  first.by = key("an-older-key").id();
  const std::string text = line(move_payload(first, ""), "an-older-key");
  EXPECT_TRUE(parse(text));
  EXPECT_FALSE(parse_history(text, "web", "stable", {key("an-older-key"), key("dev")}).value().empty());
}

TEST(History, GoesOnFromTheOneThatWasSeen) {
  const std::string seen = history({moves()[0], moves()[1]});
  const std::string now = history(moves());
  // ECDSA would not do here: its signatures differ each time.
  EXPECT_TRUE(check_continues(seen, now));
  EXPECT_TRUE(check_continues("", now));
  EXPECT_TRUE(check_continues(now, now));
  for (const auto& other : {std::string(), seen, history({move("publish", "", "9")}), " " + now}) {
    const auto result = check_continues(now, other);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(result.error().message,
              "cannot accept the channel's history: it does not begin with the one that this machine has seen");
    EXPECT_EQ(result.error().hint,
              "lines were changed or removed, or somebody shows this machine an old registry: ask its keeper");
  }
}

// Or it names a key that is not listed: then the digest among the targets is what tells.
TEST(History, EveryChangedByteIsRefusedOrMeansTheSame) {
  const std::string good = history({moves()[0]});
  const std::string meaning = move_payload(moves()[0], "");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 7)));
    const auto read = parse(changed);
    const bool stranger = read && read->at(0).by != key("stable-1").id();
    EXPECT_TRUE(!read || stranger || move_payload(read->at(0), "") == meaning) << at;
  }
}

}  // namespace
}  // namespace reburst::client
