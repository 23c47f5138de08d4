#include "registry/repository/doors.hpp"

#include "house.hpp"
#include "registry/repository/openpgp.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::registry {
namespace {

// A registry whose publisher signs alone, and has an OpenPGP key.
class DoorsTest : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    fs::remove_all(at("keys"));
    ASSERT_TRUE(signing::create_development_keys(at("keys")));
    ASSERT_TRUE(create_openpgp_key(at("keys") / "openpgp.key", "Test", kNow));
    ASSERT_TRUE(point_to("1"));
  }

  [[nodiscard]] Result<> point_to(const std::string& version) const {
    auto metadata = open();
    move(metadata, "dev", version);
    return commit(metadata, silent_progress());
  }
  [[nodiscard]] fs::path link() const { return registry() / "images/web/dev"; }
  [[nodiscard]] std::string timestamp() const {
    return read_file(registry() / "metadata/timestamp.json", 1U << 20U).value();
  }
  // Whether registry check tells of the channel's folder.
  [[nodiscard]] bool images_are_missed() const {
    const auto faults = check(open(), {}, 1, silent_progress()).value();
    return std::any_of(faults.begin(), faults.end(), [](const auto& one) { return one.file == "images/web/dev"; });
  }
  // What stands in images/web.
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(registry() / "images/web"), fs::directory_iterator()));
  }
};

TEST_F(DoorsTest, NothingIsPublishedWhenSha256sumsCannotBeSigned) {
  const auto before = timestamp();
  ASSERT_TRUE(write_file_atomic(at("keys") / "openpgp.key", "no key", 0600));
  fs::remove_all(registry() / "images");
  const auto done = point_to("2");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kSignature);
  EXPECT_EQ(timestamp(), before);
  EXPECT_EQ(points_to("dev"), "1");
  EXPECT_FALSE(fs::exists(registry() / "images"));
}

TEST_F(DoorsTest, AnOpenPgpKeyThatOthersMayReadIsRefused) {
  const auto key = at("keys") / "openpgp.key";
  fs::permissions(key, static_cast<fs::perms>(0644));
  fs::remove_all(registry() / "images");
  refused(point_to("2"), ErrorCode::kEnvironment,
          "cannot use the OpenPGP key \"" + key.string() + "\": other users may read or change it");
  EXPECT_EQ(points_to("dev"), "1");
}

TEST_F(DoorsTest, NothingIsPublishedWhereAFolderHasTheLinksName) {
  const auto before = timestamp();
  fs::remove(link());
  fs::create_directory(link());
  refused(point_to("2"), ErrorCode::kUsage,
          "\"" + link().string() + "\" is no link, as a channel's folder under images/ is");
  EXPECT_EQ(timestamp(), before);
  EXPECT_EQ(points_to("dev"), "1");
}

TEST_F(DoorsTest, NothingIsSignedAgainWhenACommitFails) {
  auto metadata = open();
  move(metadata, "dev", "2");
  fs::remove_all(registry() / "images");
  {
    const auto doors = Doors::prepare(metadata, metadata.next_snapshot_expires(), silent_progress());
    ASSERT_TRUE(doors);
    EXPECT_EQ(entries(), 1U);
  }
  EXPECT_EQ(entries(), 0U);
}

TEST_F(DoorsTest, WhatDoesNotFollowIsToldAndFollowsTheNextCommit) {
  {
    auto metadata = open();
    move(metadata, "dev", "2");
    fs::remove_all(registry() / "images");
    auto doors = Doors::prepare(metadata, metadata.next_snapshot_expires(), silent_progress()).value();
    ASSERT_TRUE(metadata.commit());
    fs::create_directory(link());  // somebody else's, just now
    const auto opened = doors.open();
    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().message.starts_with(
        "the metadata is published, but oci/ or images/ does not follow it yet: cannot "))
        << opened.error().message;
    EXPECT_EQ(opened.error().hint,
              "reburst registry refresh lets it follow; reburst registry check tells what is behind");
  }
  EXPECT_EQ(points_to("dev"), "2");
  fs::remove(link());
  EXPECT_TRUE(images_are_missed());
  {
    auto metadata = open();
    ASSERT_TRUE(refresh(metadata, false, silent_progress()));
  }
  EXPECT_FALSE(images_are_missed());
}

}  // namespace
}  // namespace reburst::registry
