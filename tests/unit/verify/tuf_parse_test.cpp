#include <gtest/gtest.h>

#include "signing/verify/canonical.hpp"
#include "tests/unit/verify/tuf_samples.hpp"

namespace reburst::tuf {
namespace {

using test::sealed;

template <class Body>
void comes_back(const Samples& samples, const Body& body) {
  const auto text = sealed(to_json(body), {&samples.first, &samples.second});
  const auto got = parse<Body>(text, "x.json");
  ASSERT_TRUE(got) << got.error().render();
  EXPECT_EQ(to_json(got->body), to_json(body));
  EXPECT_EQ(got->signed_bytes, signed_bytes(to_json(body)));
  ASSERT_EQ(got->signatures.size(), 2U);
  EXPECT_EQ(got->signatures[0].keyid, samples.first.id());
  EXPECT_TRUE(check_threshold(got->signed_bytes, got->signatures, samples.both(), samples.keys(), "x.json"));
}

TEST(TufParse, GivesBackWhatWasWritten) {
  const Samples samples;
  comes_back(samples, samples.root());
  comes_back(samples, samples.timestamp());
  comes_back(samples, samples.snapshot());
  comes_back(samples, samples.targets());
  comes_back(samples, Targets{.header = samples.header, .targets = {}, .keys = {}, .delegations = {}});
}

TEST(TufParse, GivesTheValues) {
  const Samples samples;
  const auto targets = parse<Targets>(sealed(to_json(samples.targets()), {}), "x").value().body;
  EXPECT_EQ(targets.header.version, 3U);
  EXPECT_EQ(iso_time(targets.header.expires), "2026-12-01T00:00:00Z");
  const auto& file = targets.targets.at("web/stable/1/web.raw");
  EXPECT_EQ(file.length, 10U);
  EXPECT_EQ(file.sha256, sha256("raw"));
  EXPECT_EQ(file.custom.at("security_epoch"), 1);
  ASSERT_EQ(targets.delegations.size(), 1U);
  EXPECT_EQ(targets.delegations[0].keys.threshold, 2U);
  EXPECT_EQ(targets.delegations[0].paths, (std::vector<std::string>{"web/stable/*", "web/stable/*/*"}));
  const auto snapshot = parse<Snapshot>(sealed(to_json(samples.snapshot()), {}), "x").value().body;
  EXPECT_EQ(snapshot.meta.at("web-stable.json").length, 5U);
  EXPECT_FALSE(snapshot.meta.at("targets.json").sha256);
  const auto timestamp = parse<Timestamp>(sealed(to_json(samples.timestamp()), {}), "x").value().body;
  EXPECT_EQ(timestamp.snapshot.version, 7U);
}

// Section 4.1: what others add is not understood here, but it was signed.
TEST(TufParse, KeepsUnknownMembersInTheSignedBytes) {
  const Samples samples;
  Json body = to_json(samples.root());
  body["x-theirs"] = {{"a", 1}};
  body["roles"]["root"]["x"] = "y";
  const auto root = parse<Root>(sealed(body, {&samples.first}), "x");
  ASSERT_TRUE(root) << root.error().render();
  EXPECT_EQ(root->signed_bytes, signing::canonical_metadata(body));
  EXPECT_EQ(to_json(root->body), to_json(samples.root()));
}

// The signed bytes are those of the value: blanks and the order of members are the file's own business.
TEST(TufParse, TakesAnyLayout) {
  const Samples samples;
  const Json json = Json::parse(sealed(to_json(samples.timestamp()), {&samples.first}));
  const auto timestamp = parse<Timestamp>(json.dump(4), "x");
  ASSERT_TRUE(timestamp) << timestamp.error().render();
  EXPECT_EQ(timestamp->signed_bytes, signed_bytes(to_json(samples.timestamp())));
}

TEST(TufParse, TakesTheOlderNameOfEcdsaKeys) {
  const Samples samples;
  Json object = samples.second.public_key().to_tuf();
  object["keytype"] = "ecdsa-sha2-nistp256";
  const auto key = PublicKey::from_tuf(object, "x").value();
  Root root = samples.root();
  root.keys.emplace(key.id(), key);
  EXPECT_TRUE(parse<Root>(sealed(to_json(root), {}), "x"));
}

TEST(TufParse, ReadsEveryVersionOne) {
  const Samples samples;
  Json body = to_json(samples.timestamp());
  for (const auto* version : {"1.0.0", "1.0.30", "1.1.0", "1.20.0"}) {
    body["spec_version"] = version;
    EXPECT_TRUE(parse<Timestamp>(sealed(body, {}), "x")) << version;
  }
}

}  // namespace
}  // namespace reburst::tuf
