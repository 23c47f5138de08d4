#include "builder/lock/lock.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "tests/unit/lock/lock_builder.hpp"

namespace reburst::lock {
namespace {

using Lines = std::vector<std::string>;

TEST(Lock, ComesBackFromItsText) {
  const Lock lock = sample_lock();
  const auto back = parse(to_text(lock), "web.lock");
  ASSERT_TRUE(back) << back.error().render();
  EXPECT_EQ(to_text(*back), to_text(lock));
  EXPECT_EQ(back->packages, lock.packages);
  EXPECT_EQ(back->indexes, lock.indexes);
  EXPECT_EQ(back->releases, lock.releases);
  EXPECT_EQ(back->epoch, lock.epoch);
  EXPECT_EQ(back->recipe, lock.recipe);
  EXPECT_EQ(digest(*back), digest(lock));
  EXPECT_EQ(digest(lock), sha256(to_text(lock)));
}

TEST(Lock, ComesBackWhenEmpty) {
  Lock lock;
  lock.role = "base";
  lock.architecture = "amd64";
  const auto back = parse(to_text(lock), "base.lock");
  ASSERT_TRUE(back) << back.error().render();
  EXPECT_EQ(to_text(*back), to_text(lock));
}

TEST(Lock, HasOneLineOfCanonicalJson) {
  const std::string text = to_text(sample_lock());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_TRUE(text.starts_with("{\"architecture\":\"amd64\",\"epoch\":\"2026-07-11T10:16:37Z\",\"indexes\":[{"))
      << text.substr(0, 80);
  EXPECT_EQ(text.find("\"essential\":false"), std::string::npos);
}

TEST(Lock, IsReadFromAFile) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "reburst-lock").value();
  const auto path = folder.path() / "web.lock";
  ASSERT_TRUE(write_file_atomic(path, to_text(sample_lock())));
  EXPECT_EQ(to_text(read(path).value()), to_text(sample_lock()));
  EXPECT_EQ(read(folder.path() / "none.lock").error().code, ErrorCode::kMissing);
}

TEST(Lock, RejectsARecipeThatChanged) {
  const Lock lock = sample_lock();
  EXPECT_TRUE(check_recipe(lock, sha256("recipe"), "web"));
  const auto checked = check_recipe(lock, sha256("other"), "web");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kLock);
  EXPECT_EQ(checked.error().message, "the lock of \"web\" was made from another recipe\n  locked:  " +
                                         sha256("recipe").hex() + "\n  present: " + sha256("other").hex());
  EXPECT_EQ(checked.error().hint, "run \"reburst lock web\" to renew it");
}

TEST(LockDifferences, AreNoneButForEpochAndIndexes) {
  const Lock before = sample_lock();
  Lock after = before;
  after.epoch += 1;
  after.indexes.clear();
  after.releases.clear();
  EXPECT_EQ(differences(before, after), Lines{});
}

TEST(LockDifferences, NameEachPackage) {
  const Lock before = sample_lock();
  Lock after = before;
  after.packages[0].version = "5.3-1";
  after.packages[1].sha256 = sha256("again");
  after.packages[2].name = "zsh";
  after.packages[2].build_only = false;
  after.recipe = sha256("other");
  EXPECT_EQ(differences(before, after), (Lines{"recipe: " + sha256("recipe").hex() + " -> " + sha256("other").hex(),
                                               "bash: 5.2.15-2+b7 -> 5.3-1", "own: 1:1.0~rc1 with other content",
                                               "- systemd-boot-efi 5.2.15-2+b7 (build only)", "+ zsh 5.2.15-2+b7"}));
}

TEST(LockDifferences, TellWhereAPackageMoves) {
  const Lock before = sample_lock();
  Lock after = before;
  after.packages[2].build_only = false;
  EXPECT_EQ(differences(before, after), Lines{"systemd-boot-efi: in the image now"});
  EXPECT_EQ(differences(after, before), Lines{"systemd-boot-efi: only for the build now"});
}

}  // namespace
}  // namespace reburst::lock
