#include <gtest/gtest.h>

#include <functional>

#include "signing/verify/canonical.hpp"
#include "tests/unit/verify/tuf_samples.hpp"

namespace reburst::tuf {
namespace {

using Pointer = Json::json_pointer;

// Metadata, changed at one place, and what is said about it after "the metadata "x.json": ".
struct Refusal {
  std::string pointer;
  Json value;  // discarded: the member is removed
  std::string message;
};

const Json kGone = Json(Json::value_t::discarded);

Json changed(Json metadata, const Refusal& refusal) {
  const Pointer at(refusal.pointer);
  if (refusal.value.is_discarded()) {
    metadata[at.parent_pointer()].erase(at.back());
  } else {
    metadata[at] = refusal.value;
  }
  return metadata;
}

template <class Body>
void refuses(const Json& metadata, const std::string& message) {
  const auto got = parse<Body>(canonical_json(metadata), "x.json");
  ASSERT_FALSE(got) << message;
  EXPECT_EQ(got.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(got.error().message, "the metadata \"x.json\": " + message);
  EXPECT_EQ(got.error().hint, "ask the publisher of the registry");
}

template <class Body>
void refuses_all(const Samples& samples, const Body& body, const std::vector<Refusal>& refusals) {
  const Json good = Json::parse(test::sealed(to_json(body), {&samples.first}));
  ASSERT_TRUE(parse<Body>(canonical_json(good), "x.json"));
  for (const auto& refusal : refusals) refuses<Body>(changed(good, refusal), refusal.message);
}

const std::string kText = "it is not a SHA-256 in lower case";
const std::string kTime = "it is not a time such as \"2026-01-01T00:00:00Z\"";

TEST(TufRefuses, AnEnvelopeThatIsNone) {
  const Samples samples;
  const Json signature = {{"keyid", samples.first.id()}, {"sig", "00"}};
  Json many = Json::array();
  for (int i = 0; i < 65; ++i) many.push_back({{"keyid", sha256(std::to_string(i)).hex()}, {"sig", ""}});
  refuses_all(
      samples, samples.timestamp(),
      {{"/signed", kGone, "signed: it is missing"},
       {"/signed", 1, "signed: it is not an object"},
       {"/signatures", kGone, "signatures: it is missing"},
       {"/signatures", Json::object(), "signatures: it is not a list"},
       {"/signatures", many, "signatures: it has more than 64"},
       {"/signatures", {signature, signature}, "signatures: the key \"" + samples.first.id() + "\" stands twice"},
       {"/signatures/0", 1, "signatures[0]: it is not an object"},
       {"/signatures/0/keyid", kGone, "signatures[0].keyid: it is missing"},
       {"/signatures/0/keyid", "abc", "signatures[0].keyid: " + kText},
       {"/signatures/0/sig", "0", "signatures[0].sig: it is not a signature in lower-case hexadecimal digits"},
       {"/signatures/0/sig", "AA", "signatures[0].sig: it is not a signature in lower-case hexadecimal digits"},
       {"/signatures/0/sig", std::string(1026, '0'),
        "signatures[0].sig: it is not a signature in lower-case hexadecimal digits"},
       {"/signatures/0/method", "ed25519", "signatures[0].method: it is not known"},
       {"/unsigned", 1, "unsigned: it is not known"}});
  refuses<Timestamp>(Json::array(), "it is not an object");
}

TEST(TufRefuses, ASpecVersionThatIsNoSemanticVersion) {
  const Samples samples;
  std::vector<Refusal> changes;
  for (const std::string version : {"", "1", "1.", "1..", "1.0", "1.0.", "1..0", "1.0.0.0", ".1.0.0", "1.0.0.", "1.0.x",
                                    "1.0.-1", "1.0.030", "01.0.0", "1.0.0-rc1", "1.0.99999999999999999999", " 1.0.0"})
    changes.push_back({"/signed/spec_version", version,
                       "signed.spec_version: it is \"" + version + "\", which is no version such as \"1.0.30\""});
  refuses_all(samples, samples.timestamp(), changes);
}

TEST(TufRefuses, AHeaderThatIsNone) {
  const Samples samples;
  refuses_all(
      samples, samples.timestamp(),
      {{"/signed/_type", kGone, "signed._type: it is missing"},
       {"/signed/_type", "root", "signed._type: it is \"root\", and \"timestamp\" is expected"},
       {"/signed/spec_version", "2.0.0", "signed.spec_version: it is \"2.0.0\", and this program reads 1.x.x"},
       {"/signed/spec_version", "10.0.0", "signed.spec_version: it is \"10.0.0\", and this program reads 1.x.x"},
       {"/signed/spec_version", 1, "signed.spec_version: it is not a string"},
       {"/signed/version", kGone, "signed.version: it is missing"},
       {"/signed/version", 0, "signed.version: it is 0, not 1 to 9007199254740991"},
       {"/signed/version", -1, "signed.version: it is not a whole number"},
       {"/signed/version", "1", "signed.version: it is not a whole number"},
       {"/signed/expires", kGone, "signed.expires: it is missing"},
       {"/signed/expires", 0, "signed.expires: it is not a string"},
       {"/signed/expires", "2026-12-01T00:00:00+00:00", "signed.expires: " + kTime},
       {"/signed/expires", "2026-12-01T00:00:00.5Z", "signed.expires: " + kTime},
       {"/signed/expires", "2026-13-01T00:00:00Z", "signed.expires: " + kTime},
       {"/signed/expires", "2026-12-31T23:59:60Z", "signed.expires: " + kTime}});
}

// Whatever the kind: a role's metadata is never taken for another's.
TEST(TufRefuses, MetadataOfAnotherKind) {
  const Samples samples;
  const auto root = Json::parse(test::sealed(to_json(samples.root()), {}));
  refuses<Timestamp>(root, "signed._type: it is \"root\", and \"timestamp\" is expected");
  refuses<Snapshot>(root, "signed._type: it is \"root\", and \"snapshot\" is expected");
  refuses<Targets>(root, "signed._type: it is \"root\", and \"targets\" is expected");
  refuses<Root>(Json::parse(test::sealed(to_json(samples.targets()), {})),
                "signed._type: it is \"targets\", and \"root\" is expected");
}

TEST(TufRefuses, ARootThatIsNone) {
  const Samples samples;
  const auto& id = samples.first.id();
  const std::string role = "/signed/roles/snapshot";
  const std::string place = "signed.roles.snapshot";
  Json many = Json::array();
  for (int i = 0; i < 65; ++i) many.push_back(id);
  refuses_all(samples, samples.root(),
              {{"/signed/consistent_snapshot", kGone, "signed.consistent_snapshot: it is missing"},
               {"/signed/consistent_snapshot", false,
                "signed.consistent_snapshot: it is false, and this program reads no other registry"},
               {"/signed/consistent_snapshot", 1, "signed.consistent_snapshot: it is neither true nor false"},
               {"/signed/keys", kGone, "signed.keys: it is missing"},
               {"/signed/keys", Json::array(), "signed.keys: it is not an object"},
               {"/signed/keys/" + id + "/keytype", "rsa",
                "signed.keys." + id + ": cannot use the public key \"" + id +
                    "\": its type is \"rsa\" with the scheme \"ed25519\""},
               {"/signed/keys/" + id, samples.second.public_key().to_tuf(),
                "signed.keys." + id + ": the key's id is " + samples.second.id()},
               {"/signed/keys/" + id + "/note", "x",
                "signed.keys." + id + ": the key's id is " +
                    [&] {
                      Json object = samples.first.public_key().to_tuf();
                      object["note"] = "x";
                      return sha256(signing::canonical_metadata(object)).hex();
                    }()},
               {"/signed/roles", kGone, "signed.roles: it is missing"},
               {"/signed/roles/mirrors", Json::object(), "signed.roles: it has more than 4"},
               {role, kGone, place + ": it is missing"},
               {role, 1, place + ": it is not an object"},
               {role + "/keyids", kGone, place + ".keyids: it is missing"},
               {role + "/keyids", many, place + ".keyids: it has more than 64"},
               {role + "/keyids", Json::array(), place + ".keyids: there is none"},
               {role + "/keyids", {1}, place + ".keyids: it holds something that is no string"},
               {role + "/keyids", {id, id}, place + ".keyids: \"" + id + "\" stands twice"},
               {role + "/keyids", {"abc"}, place + ".keyids: there is no key \"abc\""},
               {role + "/threshold", kGone, place + ".threshold: it is missing"},
               {role + "/threshold", 0, place + ".threshold: it is 0, not 1 to 2"},
               {role + "/threshold", 3, place + ".threshold: it is 3, not 1 to 2"},
               {role + "/threshold", -1, place + ".threshold: it is not a whole number"}});
}

TEST(TufRefuses, ATimestampThatIsNone) {
  const Samples samples;
  const std::string file = "/signed/meta/snapshot.json";
  const std::string place = "signed.meta.snapshot.json";
  refuses_all(samples, samples.timestamp(),
              {{"/signed/meta", kGone, "signed.meta: it is missing"},
               {"/signed/meta", Json::object(), place + ": it is missing"},
               {"/signed/meta/root.json", {{"version", 1}}, "signed.meta: it has more than 1"},
               {file, 1, place + ": it is not an object"},
               {file + "/version", kGone, place + ".version: it is missing"},
               {file + "/version", 0, place + ".version: it is 0, not 1 to 9007199254740991"},
               {file + "/length", "1", place + ".length: it is not a whole number"},
               {file + "/length", 0, place + ".length: it is 0, not 1 to 9007199254740991"},
               {file + "/hashes", Json::array(), place + ".hashes: it is not an object"},
               {file + "/hashes", {{"md5", "x"}}, place + ".hashes.sha256: it is missing"},
               {file + "/hashes/sha256", "abc", place + ".hashes.sha256: " + kText}});
}

TEST(TufRefuses, ASnapshotThatIsNone) {
  const Samples samples;
  const auto refusal = [](const std::string& name) -> Refusal {
    Refusal out{"/signed/meta/" + name, {{"version", 1}}, "signed.meta." + name + ": it names no metadata of targets"};
    if (const auto slash = name.find('/'); slash != std::string::npos) out.pointer.replace(13 + slash, 1, "~1");
    return out;
  };
  refuses_all(samples, samples.snapshot(),
              {{"/signed/meta", kGone, "signed.meta: it is missing"},
               {"/signed/meta/targets.json", kGone, "signed.meta.targets.json: it is missing"},
               {"/signed/meta/targets.json", {{"length", 1}}, "signed.meta.targets.json.version: it is missing"},
               refusal("web-stable"),
               refusal(".json"),
               refusal("root.json"),
               refusal("timestamp.json"),
               refusal("../web.json"),
               refusal("Web.json")});
}

TEST(TufRefuses, TargetsThatAreNone) {
  const Samples samples;
  const std::string file = "/signed/targets/web~1stable~11~1web.raw";
  const std::string place = "signed.targets.web/stable/1/web.raw";
  const Json good = {{"length", 1}, {"hashes", {{"sha256", std::string(64, 'a')}}}};
  refuses_all(samples, samples.targets(),
              {{"/signed/targets", kGone, "signed.targets: it is missing"},
               {"/signed/targets/..~1x", good, "signed.targets.../x: it is not a target path"},
               {"/signed/targets/~1etc", good, "signed.targets./etc: it is not a target path"},
               {file, 1, place + ": it is not an object"},
               {file + "/length", kGone, place + ".length: it is missing"},
               {file + "/length", -1, place + ".length: it is not a whole number"},
               {file + "/hashes", kGone, place + ".hashes: it is missing"},
               {file + "/hashes/sha256", kGone, place + ".hashes.sha256: it is missing"},
               {file + "/custom", 1, place + ".custom: it is not an object"},
               {"/signed/delegations", 1, "signed.delegations: it is not an object"},
               {"/signed/delegations/keys", kGone, "signed.delegations.keys: it is missing"},
               {"/signed/delegations/roles", kGone, "signed.delegations.roles: it is missing"}});
}

TEST(TufRefuses, DelegationsThatAreNone) {
  const Samples samples;
  const std::string role = "/signed/delegations/roles/0";
  const std::string place = "signed.delegations.roles[0]";
  const Json delegation = to_json(samples.targets())["delegations"]["roles"][0];
  Json many = Json::array();
  for (int i = 0; i < 65; ++i) many.push_back("a");
  refuses_all(
      samples, samples.targets(),
      {{role, 1, place + ": it is not an object"},
       {role + "/name", kGone, place + ".name: it is missing"},
       {role + "/name", "targets", place + ".name: \"targets\" cannot be the name of a delegated role"},
       {role + "/name", "a/b", place + ".name: \"a/b\" cannot be the name of a delegated role"},
       {"/signed/delegations/roles/1", delegation, "signed.delegations.roles[1]: the role \"web-stable\" stands twice"},
       {role + "/keyids",
        {samples.first.id(), samples.first.id()},
        place + ".keyids: \"" + samples.first.id() + "\" stands twice"},
       {role + "/threshold", 0, place + ".threshold: it is 0, not 1 to 2"},
       {role + "/paths", kGone, place + ".paths: it is missing"},
       {role + "/paths", Json::array(), place + ".paths: there is none"},
       {role + "/paths", {1}, place + ".paths: 1 is not a path pattern"},
       {role + "/paths", {"../*"}, place + ".paths: \"../*\" is not a path pattern"},
       {role + "/paths", {"web/[ab]"}, place + ".paths: \"web/[ab]\" is not a path pattern"},
       {role + "/paths", many, place + ".paths: it has more than 64"},
       {role + "/path_hash_prefixes", {"00"}, place + ".path_hash_prefixes: delegation by hash is not supported"},
       {role + "/terminating", kGone, place + ".terminating: it is missing"},
       {role + "/terminating", "yes", place + ".terminating: it is neither true nor false"}});
}

// What two canonical forms or two readers take for different things.
TEST(TufRefuses, AmbiguousText) {
  const Samples samples;
  const std::string custom = "/signed/targets/web~1stable~11~1web.raw/custom/";
  const std::string control = "it holds a string with a control character";
  const std::string number = "it holds the number ";
  refuses_all(
      samples, samples.targets(),
      {{custom + "a", "x\ny", control},
       {custom + "a", "x\x7f", control},
       {custom + "a", std::string("x\0", 2), control},
       {custom + "a", {{"public", "x\ry"}}, control},
       {custom + "a", {1, {"x\ty"}}, control},
       {custom + "a\nb", 1, "it holds a key with a control character"},
       {custom + std::string(5000, 'a'), 1, "it holds a key of more than 4096 bytes"},
       {custom + "\xf0\x9f\x98\x80", 1, "it holds a key beyond U+FFFF"},
       {custom + "a", 9007199254740992, number + "9007199254740992, which not every reader can hold"},
       {custom + "a", -9007199254740992, number + "-9007199254740992, which not every reader can hold"},
       {"/signed/version", 18446744073709551615ULL, number + "18446744073709551615, which not every reader can hold"}});
}

TEST(TufRefuses, WhatIsNoJson) {
  const Samples samples;
  const std::string text = test::sealed(to_json(samples.timestamp()), {&samples.first});
  for (const auto& bad : {std::string(), std::string("{"), text + "{}", std::string(100000, '['),
                          "{\"signed\":1," + text.substr(1), "{\"a\":1.5," + text.substr(1)}) {
    const auto got = parse<Timestamp>(bad, "x.json");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, ErrorCode::kIntegrity);
  }
  for (std::size_t length = 0; length + 1 < text.size(); ++length) {
    EXPECT_FALSE(parse<Timestamp>(text.substr(0, length), "x.json")) << length;
  }
}

}  // namespace
}  // namespace reburst::tuf
