#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <set>

#include "tests/unit/repository/releases.hpp"

namespace reburst::registry {
namespace {

// What a command leaves that was killed or refused.
class Follow : public ReleasesTest {
 protected:
  [[nodiscard]] std::string sums() const {
    return read_file(registry() / "images/web/dev/SHA256SUMS", 1U << 20U).value();
  }
  [[nodiscard]] std::set<std::string> tags() const {
    std::set<std::string> out;
    const auto present = oci::read_tags(registry() / "oci/web").value();
    for (const auto& [tag, manifest] : present) out.insert(tag);
    return out;
  }
  [[nodiscard]] std::set<std::string> stored_files() const {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(registry() / "targets")) out.insert(entry.path());
    return out;
  }
};

TEST_F(Follow, WhoeverOpensItForChangeLetsTheDoorsFollow) {
  release("dev", kOne);
  release("dev", kTwo);
  const auto before = sums();
  {
    auto later = who("keys");
    later.now += 86400;
    auto metadata = Metadata::open(registry(), std::move(later), false).value();
    ASSERT_TRUE(registry::yank(metadata, "web", kTwo, "does not answer"));
    ASSERT_TRUE(metadata.commit());  // and killed before the doors
  }
  ASSERT_TRUE(tags().contains(kTwo));
  ASSERT_EQ(sums(), before);
  ASSERT_TRUE(open_to_change(registry(), who("keys"), false, silent_progress()));
  EXPECT_EQ(tags(), (std::set<std::string>{kOne, "dev"}));
  EXPECT_NE(sums(), before);
}

TEST_F(Follow, ADamagedDoorKeepsNobodyFromTheRest) {
  release("dev", kOne);
  ASSERT_TRUE(write_file_atomic(registry() / "oci/web/index.json", "{"));
  EXPECT_TRUE(open_to_change(registry(), who("keys"), false, silent_progress()));
}

TEST_F(Follow, ARefusedPromotionLeavesNothing) {
  release("dev", kOne);
  const auto before = stored_files();
  fs::remove(at("keys") / "timestamp.pem");
  {
    auto metadata = open();
    ASSERT_TRUE(promote(metadata, {"web", kOne, "stable", "tried"}, silent_progress()));
    EXPECT_GT(stored_files().size(), before.size());
    ASSERT_FALSE(commit(metadata, silent_progress()));
  }
  EXPECT_EQ(stored_files(), before);
}

TEST_F(Follow, WhatIsProposedStays) {
  release("dev", kOne);
  const auto before = stored_files();
  {
    auto metadata = open();
    ASSERT_TRUE(promote(metadata, {"web", kOne, "stable", "tried"}, silent_progress()));
    ASSERT_TRUE(propose(metadata));
  }
  EXPECT_GT(stored_files().size(), before.size());
}

TEST_F(Follow, TheFoldersOfGpgThatNobodyOwnsAreSwept) {
  auto left = TempDirectory::make("/tmp", "reburst-openpgp").value();
  ASSERT_TRUE(write_file_atomic(left.path() / "secret", "key"));
  const auto open_to_others = TempDirectory::make("/tmp", "reburst-openpgp").value();
  ASSERT_EQ(::chmod(open_to_others.path().c_str(), 0755), 0);
  sweep_openpgp();
  EXPECT_FALSE(fs::exists(left.path()));
  EXPECT_TRUE(fs::exists(open_to_others.path()));  // nothing of ours
}

TEST_F(Follow, ThoseInUseAreNot) {
  const auto used = TempDirectory::make("/tmp", "reburst-openpgp").value();
  const Fd lock(::open(used.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  sweep_openpgp();
  EXPECT_TRUE(fs::exists(used.path()));
}

}  // namespace
}  // namespace reburst::registry
