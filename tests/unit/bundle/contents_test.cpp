#include "registry/bundle/contents.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "registry/release/layout.hpp"

namespace reburst::bundle {
namespace {

TEST(Contents, WhatAllowsTheRestComesFirst) {
  std::vector<std::string> paths = {
      "chunks/ab/x", "oci/web/index.json", "targets/b", "metadata/timestamp.json", "images/web/dev/SHA256SUMS",
      "bundle.json", "targets/a"};
  std::sort(paths.begin(), paths.end(), comes_before);
  EXPECT_EQ(paths, (std::vector<std::string>{"bundle.json", "metadata/timestamp.json", "targets/a", "targets/b",
                                             "images/web/dev/SHA256SUMS", "oci/web/index.json", "chunks/ab/x"}));
  EXPECT_EQ(section_of("etc/passwd"), Section::kNone);
  EXPECT_EQ(section_of("targets"), Section::kNone);
}

tuf::TargetFile file(const char* content) {
  return {.length = std::string_view(content).size(), .sha256 = sha256(content)};
}

tuf::Delegation delegation(const std::string& role, const std::string& channel) {
  return {.name = role + "-" + channel,
          .keys = {},
          .paths = {role + "/" + channel + "/*", role + "/" + channel + "/*/*"},
          .terminating = true};
}

struct Fixture {
  tuf::Targets top;
  std::map<std::string, tuf::Targets> delegated;
  std::map<std::string, std::uint64_t> versions{{"root", 2},      {"targets", 3}, {"snapshot", 9},
                                                {"timestamp", 9}, {"web-dev", 4}, {"web-stable", 5}};

  Fixture() {
    top.delegations = {delegation("web", "dev"), delegation("web", "stable")};
    for (const std::string channel : {"dev", "stable"}) {
      auto& targets = delegated["web-" + channel].targets;
      const auto prefix = "web/" + channel + "/20261121T161027Z/";
      targets[prefix + "web_20261121T161027Z.raw"] = file("disk");
      targets[prefix + "web_20261121T161027Z.caibx"] = file("index");
      targets[prefix + "manifest.json"] = file("manifest");
      targets["web/" + channel + "/history.jsonl"] = file(channel.c_str());
    }
  }
};

TEST(Contents, EveryByteOnceAndNoDisk) {
  const Fixture fixture;
  const auto wanted = want(fixture.top, fixture.delegated, fixture.versions, {"web-dev", "web-stable"});
  ASSERT_TRUE(wanted) << wanted.error().message;
  EXPECT_EQ(wanted->channels.size(), 2U);
  EXPECT_EQ(wanted->metadata,
            (std::set<std::string>{"metadata/1.root.json", "metadata/2.root.json", "metadata/3.targets.json",
                                   "metadata/4.web-dev.json", "metadata/5.web-stable.json", "metadata/9.snapshot.json",
                                   "metadata/timestamp.json"}));
  EXPECT_EQ(wanted->targets.size(), 4U);  // index, manifest, two histories
  EXPECT_EQ(wanted->links.size(), 3U);    // of the second channel
  ASSERT_EQ(wanted->disks.size(), 1U);
  EXPECT_TRUE(wanted->disks[0].path.starts_with("targets/web/dev/20261121T161027Z/"));
  EXPECT_TRUE(wanted->disks[0].index.ends_with(".web_20261121T161027Z.caibx"));
  EXPECT_EQ(wanted->digests.size(), 5U);
}

TEST(Contents, OfAChannelThatIsNotHeldTheHistoryAlone) {
  const Fixture fixture;
  const auto wanted = want(fixture.top, fixture.delegated, fixture.versions, {"web-stable"});
  ASSERT_TRUE(wanted);
  ASSERT_EQ(wanted->channels.size(), 1U);
  EXPECT_EQ(wanted->channels[0].channel, "stable");
  for (const auto& [path, target] : wanted->targets)
    EXPECT_TRUE(path.starts_with("targets/web/stable/") || path.ends_with("history.jsonl")) << path;
  EXPECT_EQ(wanted->targets.size(), 4U);
  EXPECT_TRUE(wanted->metadata.contains("metadata/4.web-dev.json"));
}

TEST(Contents, RefusesAnUnknownChannelAndADiskWithoutAnIndex) {
  Fixture fixture;
  const auto unknown = want(fixture.top, fixture.delegated, fixture.versions, {"web-dev", "db-dev"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kMissing);
  EXPECT_EQ(unknown.error().message, "the metadata does not have every channel that the bundle names");
  fixture.delegated["web-dev"].targets.erase("web/dev/20261121T161027Z/web_20261121T161027Z.caibx");
  const auto bare = want(fixture.top, fixture.delegated, fixture.versions, {"web-dev"});
  ASSERT_FALSE(bare);
  EXPECT_EQ(bare.error().message,
            "the metadata names no chunk index for \"web/dev/20261121T161027Z/web_20261121T161027Z.raw\"");
}

}  // namespace
}  // namespace reburst::bundle
