#include "builder/tree/promises.hpp"
#include "tests/unit/tree/tree_fixture.hpp"

namespace reburst::tree {
namespace {

class Customise : public testing::TreeFixture {};

TEST_F(Customise, AddsUsersFilesAndCommands) {
  auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  fs::create_directories(temp_.path() / "site/sub");
  (void)testing::write(temp_.path() / "site/index.html", "<p>");
  (void)testing::write(temp_.path() / "site/sub/run.sh", "#!/bin/sh\n");
  fs::permissions(temp_.path() / "site/sub/run.sh", fs::perms::owner_all);
  (void)testing::write(root() / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  (void)testing::write(root() / "etc/group", "root:x:0:\n");
  recipe_.users = {{.name = "app", .system = true, .home = {}, .shell = {}}};
  recipe_.files = {{.path = "/srv/app/key", .content = "k", .from = {}, .mode = 0600, .owner = "app", .group = "app"},
                   {.path = "/srv/site",
                    .content = {},
                    .from = temp_.path() / "site",
                    .mode = {},
                    .owner = "root",
                    .group = "root"}};
  fs::create_directories(root() / "usr/lib");
  (void)testing::write(root() / "usr/lib/os-release", "ID=debian\n");
  recipe_.run = {"umask > /srv/seen; cat /srv/app/key >> /srv/seen"};
  const auto done = customise(*tree, recipe_, options_, silent_progress());
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_EQ(text("srv/seen"), "0022\nk");
  EXPECT_EQ(text("usr/lib/os-release"),
            "ID=debian\nIMAGE_ID=" + recipe_.role + "\nIMAGE_VERSION=" + version_time(options_.epoch) + "\n");
  struct stat info {};
  ASSERT_EQ(::stat((root() / "srv/app/key").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 999U);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  ASSERT_EQ(::stat((root() / "srv/site/sub/run.sh").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0755U);

  recipe_.users.clear();
  recipe_.files = {{.path = "/x", .content = "", .from = {}, .mode = {}, .owner = "nobody-here", .group = "root"}};
  const auto unknown = customise(*tree, recipe_, options_, silent_progress());
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kRecipe);
  EXPECT_EQ(unknown.error().message, "cannot add the file \"/x\": the image has no user \"nobody-here\"");

  recipe_.files.clear();
  recipe_.run = {"echo oops; false"};
  const auto failed = customise(*tree, recipe_, options_, silent_progress());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kScript);
  EXPECT_EQ(failed.error().message, "the recipe's command \"echo oops; false\" failed with exit status 1:\n  | oops");
}

TEST_F(Customise, SaysWhereNoFolderIs) {
  auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  (void)testing::write(root() / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  (void)testing::write(root() / "etc/group", "root:x:0:\n");
  fs::create_symlink("../../../.." + temp_.path().string(), root() / "etc/out");
  const auto refused = [&](const std::string& path, const std::string& error) {
    recipe_.files = {{.path = path, .content = "x", .from = {}, .mode = {}, .owner = "root", .group = "root"}};
    const auto done = customise(*tree, recipe_, options_, silent_progress());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::kRecipe);
    EXPECT_EQ(done.error().render(), error);
  };
  refused("/etc/out/escaped",
          "cannot add the file \"/etc/out/escaped\": in the image \"/etc/out\" is a link to nothing\n"
          "  hint: put the file elsewhere, or exclude the package that brings \"/etc/out\"");
  refused("/etc/passwd/x/y",
          "cannot add the file \"/etc/passwd/x/y\": in the image \"/etc/passwd\" is not a folder\n"
          "  hint: put the file elsewhere, or exclude the package that brings \"/etc/passwd\"");
  EXPECT_FALSE(fs::exists(temp_.path() / "escaped"));
}

TEST_F(Customise, LeavesFoldersAsTheyAre) {
  auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  fs::create_directories(temp_.path() / "files/closed/new");
  (void)testing::write(temp_.path() / "files/closed/key", "k");
  (void)testing::write(root() / "etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:7:7:::\n");
  (void)testing::write(root() / "etc/group", "root:x:0:\napp:x:7:\n");
  const fs::path closed = root() / "srv/closed";
  fs::create_directories(closed);
  fs::permissions(closed, fs::perms::owner_all | fs::perms::group_exec | fs::perms::set_gid);
  ASSERT_EQ(::chown(closed.c_str(), 0, 3), 0);
  fs::create_directory_symlink("/srv", root() / "link");
  recipe_.files = {
      {.path = "/link", .content = {}, .from = temp_.path() / "files", .mode = {}, .owner = "app", .group = "app"}};
  const auto done = customise(*tree, recipe_, options_, silent_progress());
  ASSERT_TRUE(done) << done.error().render();
  const auto listed = listing();
  EXPECT_TRUE(listed.at("/link").ends_with(" 0:0 -> /srv")) << listed.at("/link");
  EXPECT_EQ(listed.at("/srv/closed"), std::to_string(S_IFDIR | 02710) + " 0:3");
  EXPECT_EQ(listed.at("/srv/closed/new"), std::to_string(S_IFDIR | 0755) + " 7:7");
  EXPECT_TRUE(listed.at("/srv/closed/key").starts_with(std::to_string(S_IFREG | 0644) + " 7:7 "));
}

// Before hardening: a control must not stand on a file that is taken away after it.
TEST_F(Customise, LeavesOutWhatTheImageExcludes) {
  auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  fs::create_directories(root() / "usr/share/doc/a");
  (void)testing::write(root() / "usr/share/doc/a/copyright", "c");
  fs::create_directories(root() / "kept");
  (void)testing::write(root() / "kept/file", "k");
  fs::create_symlink("/kept", root() / "usr/share/man");
  recipe_.run = {"echo made > /usr/share/doc/made"};
  recipe_.image.exclude = {"/usr/share/doc", "/usr/share/man", "/not/there", "/../../etc/passwd"};
  const auto done = customise(*tree, recipe_, options_, silent_progress());
  ASSERT_TRUE(done) << done.error().render();
  EXPECT_FALSE(fs::exists(root() / "usr/share/doc"));
  EXPECT_FALSE(fs::is_symlink(fs::symlink_status(root() / "usr/share/man")));
  EXPECT_EQ(text("kept/file"), "k");
  ASSERT_TRUE(require_excluded(*tree, recipe_));

  recipe_.run = {};
  recipe_.image.exclude = {"/etc/machine-id"};
  ASSERT_TRUE(customise(*tree, recipe_, options_, silent_progress()));
  ASSERT_TRUE(normalise(*tree, recipe_, options_));
  const auto back = require_excluded(*tree, recipe_);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().code, ErrorCode::kRecipe);
  EXPECT_EQ(back.error().render(),
            "the recipe excludes \"/etc/machine-id\", which is a part of every image, or holds one\n"
            "  hint: hardening needs it, or the boot; see docs/reference/hardening.md, and take the line out");
}

}  // namespace
}  // namespace reburst::tree
