#include "registry/client/release.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace reburst::client {
namespace {

const std::string kDigest(64, 'a');

Json custom(const std::string& version) {
  return {{"role", "web"},        {"architecture", "amd64"},    {"version", version},    {"security_epoch", 3U},
          {"root_hash", kDigest}, {"oci", "sha256:" + kDigest}, {"chunk_index", kDigest}};
}

tuf::Targets channel() {
  tuf::Targets targets;
  const auto put = [&](const std::string& path, const Json& custom) {
    targets.targets["web/stable/" + path] = {path.size(), sha256(path), custom};
  };
  put("history.jsonl", Json::object());
  put("20261121T161027Z/web_20261121T161027Z.raw", custom("20261121T161027Z"));
  put("20261121T161027Z/manifest.json", custom("20261121T161027Z"));
  put("20261101T101112Z/manifest.json", custom("20261101T101112Z"));
  return targets;
}

TEST(Releases, AreReadFromTheTargetsOfAChannel) {
  const auto releases = releases_of(channel(), "web", "stable");
  ASSERT_TRUE(releases) << releases.error().render();
  ASSERT_EQ(releases->size(), 2U);
  const auto& older = releases->at(0);
  const auto& newer = releases->at(1);
  EXPECT_EQ(older.version, "20261101T101112Z");
  EXPECT_EQ(older.files.size(), 1U);
  EXPECT_EQ(newer.role, "web");
  EXPECT_EQ(newer.channel, "stable");
  EXPECT_EQ(newer.version, "20261121T161027Z");
  EXPECT_EQ(newer.architecture, "amd64");
  EXPECT_EQ(newer.security_epoch, 3U);
  EXPECT_EQ(newer.root_hash.hex(), kDigest);
  EXPECT_EQ(newer.oci, "sha256:" + kDigest);
  EXPECT_EQ(newer.chunk_index.hex(), kDigest);
  ASSERT_EQ(newer.files.size(), 2U);
  EXPECT_EQ(newer.files[0].name, "manifest.json");
  EXPECT_EQ(newer.files[1].name, "web_20261121T161027Z.raw");
  EXPECT_EQ(newer.files[0].size, std::string("20261121T161027Z/manifest.json").size());
  EXPECT_EQ(newer.files[0].sha256, sha256("20261121T161027Z/manifest.json"));
}

TEST(Releases, OfAnEmptyChannelAreNone) {
  const auto releases = releases_of({}, "web", "stable");
  ASSERT_TRUE(releases);
  EXPECT_TRUE(releases->empty());
}

struct Refusal {
  std::string path;
  std::function<void(Json&)> change;
  std::string why;
};

TEST(Releases, WhatTheFormatDoesNotHaveIsRefused) {
  const auto same = [](Json&) {};
  const std::string good = "web/stable/20261121T161027Z/web.raw";
  const std::vector<Refusal> refusals{
      {"web/dev/20261121T161027Z/web.raw", same, "it leaves the channel \"web/stable\""},
      {"db/stable/20261121T161027Z/web.raw", same, "it leaves the channel \"web/stable\""},
      {"web/stable", same, "it leaves the channel \"web/stable\""},
      {"web/stable/20261121T161027Z/deep/web.raw", same, "it leaves the channel \"web/stable\""},
      {"web/stable/notes.txt", same, "it belongs to no release"},
      {"web/stable/../web.raw", same, "its version is not a plain name"},
      {"web/stable/-rf/web.raw", same, "its version is not a plain name"},
      {"web/stable/20261121T161027Z/..", same, "its file is not a plain name"},
      {"web/stable/20261121T161027Z/", same, "its file is not a plain name"},
      {"web/stable/20261121T161027Z/.profile", same, "its file is not a plain name"},
      {"web/stable/20261121T161027Z/-o", same, "its file is not a plain name"},
      {"web/stable/20261121T161027Z/a b", same, "its file is not a plain name"},
      {"web/stable/20261121T161027Z/a\nb", same, "its file is not a plain name"},
      {"web/stable/20261121T161027Z/" + std::string(201, 'a'), same, "its file is not a plain name"},
      {good, [](Json& c) { c["role"] = "db"; }, "its \"custom\" is of another role"},
      {good, [](Json& c) { c["version"] = "20261101T101112Z"; }, "its \"custom\" is of another version"},
      {good, [](Json& c) { c["more"] = 1; }, "its \"custom\" has an unknown member"},
      {good, [](Json& c) { c["architecture"] = "../x"; }, "its architecture is not a plain name"},
      {good, [](Json& c) { c["root_hash"] = "abc"; }, "\"root_hash\" is no SHA-256 in lower case"},
      {good, [](Json& c) { c["root_hash"] = std::string(64, 'A'); }, "\"root_hash\" is no SHA-256 in lower case"},
      {good, [](Json& c) { c["chunk_index"] = ""; }, "\"chunk_index\" is no SHA-256 in lower case"},
      {good, [](Json& c) { c["oci"] = kDigest; }, "\"oci\" is no \"sha256:\" digest"},
      {good, [](Json& c) { c["oci"] = "sha256:abc"; }, "\"oci\" is no SHA-256 in lower case"},
  };
  for (const auto& refusal : refusals) {
    Json json = custom("20261121T161027Z");
    refusal.change(json);
    tuf::Targets targets;
    targets.targets[refusal.path] = {1, sha256(""), json};
    const auto releases = releases_of(targets, "web", "stable");
    ASSERT_FALSE(releases) << refusal.path << " " << refusal.why;
    EXPECT_EQ(releases.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(releases.error().message, "cannot accept the target \"" + refusal.path + "\": " + refusal.why);
    EXPECT_EQ(releases.error().hint,
              "the registry is damaged, or was written by another version of Reburst: ask its keeper");
  }
}

TEST(Releases, EveryMemberMustBeThere) {
  const std::string path = "web/stable/1/web.raw";
  for (const auto* key : {"role", "architecture", "version", "security_epoch", "root_hash", "oci", "chunk_index"}) {
    Json json = custom("1");
    json.erase(key);
    tuf::Targets targets;
    targets.targets[path] = {1, sha256(""), json};
    const auto releases = releases_of(targets, "web", "stable");
    ASSERT_FALSE(releases) << key;
    EXPECT_EQ(releases.error().message, "\"" + path + "\" has no " +
                                            (std::string(key) == "security_epoch" ? "whole number" : "string") + " \"" +
                                            key + "\"");
  }
}

TEST(Releases, CustomThatDiffersAmongTheFilesOfOneIsRefused) {
  auto targets = channel();
  targets.targets["web/stable/20261121T161027Z/web_20261121T161027Z.raw"].custom["security_epoch"] = 4U;
  const auto releases = releases_of(targets, "web", "stable");
  ASSERT_FALSE(releases);
  EXPECT_EQ(releases.error().message,
            "cannot accept the target \"web/stable/20261121T161027Z/web_20261121T161027Z.raw\": its \"custom\" differs "
            "from that of the release's other files");
}

}  // namespace
}  // namespace reburst::client
