#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <list>
#include <map>

#include "builder/tree/tree.hpp"
#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/time.hpp"
#include "tests/unit/tree/mini_system.hpp"

namespace reburst::tree {
namespace {

using testing::DebText;
using testing::TarEntry;

TarEntry folder(const std::string& name, unsigned mode = 0755) {
  return {.name = name, .content = {}, .type = '5', .link = {}, .mode = mode};
}
TarEntry script(const std::string& kind, const std::string& body) {
  return {.name = "./" + kind, .content = "#!/bin/sh\nset -e\n" + body, .type = '0', .link = {}, .mode = 0755};
}

class MakeTree : public ::testing::Test {
 protected:
  TempDirectory temp_ = *TempDirectory::make("/tmp", "reburst-tree-test");
  std::list<lock::LockedPackage> locked_;
  std::vector<PackageFile> files_;
  TreeOptions options_{.work = temp_.path() / "work", .epoch = 1767225600, .jobs = 2, .provided = {}};
  recipe::Recipe recipe_;

  void SetUp() override {
    fs::create_directories(options_.work);
    add(testing::mini_system());
  }

  void add(const DebText& deb) {
    lock::LockedPackage& locked = locked_.emplace_back();
    locked.name = deb.name;
    locked.version = deb.version;
    locked.architecture = deb.architecture;
    files_.push_back({&locked, testing::write(temp_.path() / (deb.name + ".deb"), deb.text())});
  }

  Result<Tree> make() { return make_tree(recipe_, files_, options_, silent_progress()); }
  [[nodiscard]] fs::path root() const { return options_.work / "root"; }
  [[nodiscard]] std::string text(const std::string& path) const {
    return read_file(root() / path, 1U << 24U).value_or("(missing)");
  }

  void expect_failure(ErrorCode code, const std::string& message) {
    const auto tree = make();
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().code, code);
    EXPECT_EQ(tree.error().message, message);
  }

  // Every path with its mode, owner, target or digest.
  [[nodiscard]] std::map<std::string, std::string> listing() const {
    std::map<std::string, std::string> entries;
    for (const auto& entry : fs::recursive_directory_iterator(root())) {
      struct stat info {};
      EXPECT_EQ(::lstat(entry.path().c_str(), &info), 0);
      std::string line =
          std::to_string(info.st_mode) + " " + std::to_string(info.st_uid) + ":" + std::to_string(info.st_gid);
      if (entry.is_symlink())
        line += " -> " + fs::read_symlink(entry.path()).string();
      else if (entry.is_regular_file())
        line += " " + sha256_file(entry.path())->hex();
      entries[entry.path().string().substr(root().string().size())] = line;
    }
    return entries;
  }
};

TEST_F(MakeTree, InstallsAndConfiguresAPackage) {
  DebText deb;
  deb.name = "hello";
  deb.data = {folder("./bin/"),
              {.name = "./bin/hello", .content = "hi", .type = '0', .link = {}, .mode = 0755},
              folder("./etc/"),
              {.name = "./etc/hello.conf", .content = "setting\n"}};
  deb.control_files = {{.name = "./conffiles", .content = "/etc/hello.conf\n"},
                       script("postinst", "echo \"$1 $DPKG_MAINTSCRIPT_PACKAGE\" > /etc/seen\n")};
  add(deb);
  const auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  EXPECT_EQ(text("etc/seen"), "configure hello\n");
  EXPECT_EQ(text("etc/hello.conf"), "setting\n");
  EXPECT_FALSE(fs::exists(root() / "etc/hello.conf.dpkg-new"));
  EXPECT_EQ(text("usr/bin/hello"), "hi");
  EXPECT_EQ(fs::read_symlink(root() / "bin"), "usr/bin");
  EXPECT_EQ(text("var/lib/dpkg/info/hello.list"), "/.\n/bin\n/bin/hello\n/etc\n/etc/hello.conf\n");
  EXPECT_NE(text("var/lib/dpkg/status").find("Package: hello\nStatus: install ok installed\n"), std::string::npos);
  EXPECT_NE(text("var/lib/dpkg/status").find("Conffiles:\n /etc/hello.conf 2c1d4f59f062ce424618f4d25961fb76\n"),
            std::string::npos);
  EXPECT_FALSE(fs::exists(root() / "usr/sbin/policy-rc.d"));
  EXPECT_EQ(tree->owned.at(1).paths, (std::vector<std::string>{"usr/bin", "usr/bin/hello", "etc", "etc/hello.conf"}));
}

TEST_F(MakeTree, TheSandboxShowsNothingOfTheMachine) {
  DebText deb;
  deb.name = "probe";
  // `|| true`: that /etc/none is not there is what its message is to tell, in which language too.
  deb.control_files = {script("postinst",
                              "{ uname -n; umask; echo \"$HOME $TZ $LC_ALL $SOURCE_DATE_EPOCH $DEBIAN_FRONTEND\"; echo "
                              "/tmp/* /run/*; cat /proc/net/dev; cat /etc/none 2>&1 || true; } > /etc/seen\n"
                              "[ ! -e " +
                                  temp_.path().string() + " ]\n")};
  add(deb);
  const auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  const std::string seen = text("etc/seen");
  EXPECT_TRUE(seen.starts_with("localhost\n0022\n/root UTC C.UTF-8 1767225600 noninteractive\n/tmp/* /run/lock\n"))
      << seen;
  EXPECT_NE(seen.find("lo:"), std::string::npos);
  EXPECT_EQ(seen.find("eth"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(root() / "dev"));
  EXPECT_TRUE(fs::is_empty(root() / "tmp"));
}

TEST_F(MakeTree, ReplacesDecidesWhoeverComesFirst) {
  DebText before;
  before.name = "aa-new";
  before.fields = "Replaces: old (<< 2)\n";
  before.data = {folder("./opt/"), {.name = "./opt/x", .content = "new"}};
  DebText old;
  old.name = "old";
  old.data = {folder("./opt/"), {.name = "./opt/x", .content = "old"}, {.name = "./opt/y", .content = "old"}};
  DebText after;
  after.name = "zz-new";
  after.fields = "Replaces: old\n";
  after.data = {folder("./opt/"), {.name = "./opt/y", .content = "newer"}};
  add(before);
  add(old);
  add(after);
  const auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  EXPECT_EQ(text("opt/x"), "new");
  EXPECT_EQ(text("opt/y"), "newer");
  EXPECT_EQ(text("var/lib/dpkg/info/zz-new.list"), "/.\n/opt\n/opt/y\n");
  EXPECT_EQ(text("var/lib/dpkg/info/old.list").find("/opt/y"), std::string::npos);
}

TEST_F(MakeTree, RefusesTwoPackagesWithTheSameFile) {
  DebText one;
  one.name = "one";
  one.data = {folder("./lib/"), {.name = "./lib/x", .content = "1"}};
  DebText two;
  two.name = "two";
  two.version = "2.0";
  two.data = {folder("./usr/"), folder("./usr/lib/"), {.name = "./usr/lib/x", .content = "1"}};
  add(one);
  add(two);
  expect_failure(ErrorCode::kPackage,
                 "package \"two\" 2.0 would overwrite \"/usr/lib/x\", which is also in package \"one\" 1.0");
}

TEST_F(MakeTree, RefusesAFileInPlaceOfAMergedFolder) {
  DebText deb;
  deb.name = "evil";
  deb.data = {{.name = "./bin", .content = {}, .type = '2', .link = "/tmp"}};
  add(deb);
  expect_failure(ErrorCode::kPackage, "package \"evil\" would replace the link \"/bin\" of the merged /usr");
}

TEST_F(MakeTree, RefusesAFolderWhereAnotherPackagesLinkLeadsOut) {
  // Beneath the tree's own root the link is one to nothing.
  DebText link;
  link.name = "link";
  link.data = {folder("./etc/"),
               {.name = "./etc/out", .content = {}, .type = '2', .link = "../../../../../.." + temp_.path().string()}};
  add(link);
  DebText thief;
  thief.name = "thief";
  thief.data = {folder("./etc/"), folder("./etc/out/"), {.name = "./etc/out/escaped", .content = "x"}};
  add(thief);
  expect_failure(ErrorCode::kPackage,
                 "package \"thief\" has the folder \"/etc/out\", which is a link to nothing in the tree");
  EXPECT_FALSE(fs::exists(temp_.path() / "escaped"));
}

TEST_F(MakeTree, HonoursADiversionThatAPreinstMakes) {
  DebText diverter;
  diverter.name = "diverter";
  diverter.data = {folder("./usr/"), folder("./usr/bin/"), {.name = "./usr/bin/tool", .content = "wrapper"}};
  diverter.control_files = {script("preinst",
                                   "[ \"$1\" = install ]\ndpkg-divert --package diverter --add --rename --divert "
                                   "/usr/bin/tool.distrib /usr/bin/tool\n")};
  DebText tool;
  tool.name = "tool";
  tool.data = {folder("./usr/"), folder("./usr/bin/"), {.name = "./usr/bin/tool", .content = "original"}};
  add(diverter);
  add(tool);
  const auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  EXPECT_EQ(text("usr/bin/tool"), "wrapper");
  EXPECT_EQ(text("usr/bin/tool.distrib"), "original");
  EXPECT_EQ(text("var/lib/dpkg/info/tool.list"), "/.\n/usr\n/usr/bin\n/usr/bin/tool\n");
}

// Debian 13's libc6 and base-files do this (DEP 17).
TEST_F(MakeTree, HonoursADiversionOfAnEssentialPackage) {
  for (const char* rename : {"--rename", "--no-rename"}) {
    DebText diverter;
    diverter.name = std::string("diverter") + rename;
    const std::string file = "/opt/tool" + std::string(rename);
    diverter.fields = "Essential: yes\n";
    diverter.control_files = {script("preinst", "dpkg-divert --quiet --package " + diverter.name + " --add " + rename +
                                                    " --divert " + file + ".real " + file + "\n")};
    DebText tool;
    tool.name = std::string("tool") + rename;
    tool.fields = "Essential: yes\n";
    tool.data = {folder("./opt/"), {.name = "." + file, .content = "original"}};
    add(diverter);
    add(tool);
  }
  const auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  for (const char* file : {"opt/tool--rename", "opt/tool--no-rename"}) {
    EXPECT_FALSE(fs::exists(root() / file)) << file;
    EXPECT_EQ(text(std::string(file) + ".real"), "original");
  }
  EXPECT_EQ(tree->owned.back().paths, (std::vector<std::string>{"opt", "opt/tool--no-rename.real"}));
}

TEST_F(MakeTree, ASharedFolderKeepsItsFirstMode) {
  DebText one;
  one.name = "one";
  one.data = {folder("./opt/", 0750)};
  DebText two;
  two.name = "two";
  two.data = {folder("./opt/", 0755), {.name = "./opt/x", .content = "x"}};
  add(one);
  add(two);
  ASSERT_TRUE(make());
  struct stat info {};
  ASSERT_EQ(::stat((root() / "opt").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0750U);
}

TEST_F(MakeTree, RunsTriggersAndWritesThemAsDpkgDoes) {
  DebText listener;
  listener.name = "listener";
  listener.fields = "Multi-Arch: same\n";
  listener.architecture = "amd64";
  const auto native = run({.argv = {"dpkg", "--print-architecture"}});
  listener.architecture = std::string(trim(native->out));
  listener.control_files = {
      {.name = "./triggers", .content = "# a comment\ninterest-noawait /opt/things\ninterest refresh\n"},
      script("postinst", "echo \"$1 $2\" >> /etc/seen\n")};
  DebText thing;
  thing.name = "thing";
  thing.data = {folder("./opt/"), folder("./opt/things/"), {.name = "./opt/things/a", .content = "a"}};
  thing.fields = "Depends: listener\n";
  thing.control_files = {{.name = "./triggers", .content = "activate-noawait refresh\n"}};
  add(listener);
  add(thing);
  const auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  EXPECT_EQ(text("etc/seen"), "configure \ntriggered refresh\n");
  EXPECT_EQ(text("var/lib/dpkg/triggers/File"), "/opt/things listener:" + listener.architecture + "/noawait\n");
  EXPECT_EQ(text("var/lib/dpkg/triggers/refresh"), "listener:" + listener.architecture + "\n");
  EXPECT_TRUE(fs::exists(root() / ("var/lib/dpkg/info/listener:" + listener.architecture + ".list")));
}

TEST_F(MakeTree, WhatIsProvidedSatisfiesDependenciesAndLeavesNoTrace) {
  DebText kernel;
  kernel.name = "kernel";
  kernel.fields = "Depends: linux-initramfs-tool\n";
  add(kernel);
  options_.provided = {"linux-initramfs-tool"};
  const auto tree = make();
  ASSERT_TRUE(tree) << tree.error().render();
  EXPECT_EQ(text("var/lib/dpkg/status").find("reburst"), std::string::npos);
  for (const auto& [path, what] : listing()) EXPECT_EQ(path.find("reburst"), std::string::npos) << path;
}

TEST_F(MakeTree, ThreadsDoNotChangeTheTree) {
  for (int i = 0; i < 12; ++i) {
    DebText deb;
    deb.name = "part" + std::to_string(i);
    deb.fields = i > 0 ? "Replaces: part" + std::to_string(i - 1) + "\n" : "";
    deb.data = {folder("./opt/", i % 2 == 0 ? 0755 : 0700),
                {.name = "./opt/shared", .content = deb.name},
                {.name = "./opt/" + deb.name, .content = "x"}};
    if (i > 0) deb.data.push_back({.name = "./opt/before", .content = deb.name});
    if (i > 1) deb.data.pop_back();
    if (i > 1) deb.data.erase(deb.data.begin() + 1);
    add(deb);
  }
  options_.jobs = 1;
  ASSERT_TRUE(make());
  const auto serial = listing();
  ASSERT_TRUE(remove_tree(options_.work));
  fs::create_directories(options_.work);
  options_.jobs = 4;
  ASSERT_TRUE(make());
  EXPECT_EQ(listing(), serial);
}

TEST_F(MakeTree, NamesThePackageWhosePostinstFails) {
  DebText deb;
  deb.name = "broken";
  deb.control_files = {script("postinst", "echo what went wrong\nexit 3\n")};
  add(deb);
  expect_failure(ErrorCode::kScript,
                 "the postinst script of package \"broken\" failed:\n"
                 "  | Setting up broken (1.0) ...\n"
                 "  | what went wrong\n"
                 "  | dpkg: error processing package broken (--configure):\n"
                 "  |  installed broken package post-installation script subprocess returned error exit status 3");
}

TEST_F(MakeTree, NamesThePackageWhosePreinstFails) {
  DebText deb;
  deb.name = "broken";
  deb.control_files = {script("preinst", "echo what went wrong >&2\nexit 3\n")};
  add(deb);
  expect_failure(ErrorCode::kScript,
                 "the preinst script of package \"broken\" failed with exit status 3:\n  | what went wrong");
}

TEST_F(MakeTree, SaysWhichDependencyIsMissing) {
  DebText deb;
  deb.name = "lonely";
  deb.fields = "Depends: nowhere\n";
  add(deb);
  const auto tree = make();
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, ErrorCode::kScript);
  EXPECT_NE(tree.error().message.find("package \"lonely\" cannot be configured"), std::string::npos)
      << tree.error().message;
  EXPECT_NE(tree.error().message.find("lonely depends on nowhere; however:"), std::string::npos)
      << tree.error().message;
}

TEST_F(MakeTree, RefusesAPackageThatIsNotTheLockedOne) {
  DebText deb;
  deb.name = "hello";
  add(deb);
  locked_.back().version = "1.1";
  expect_failure(
      ErrorCode::kPackage,
      "the package \"hello 1.1\" is not the one that the lock names: version\n  expected 1.1\n  actual   1.0");
}

TEST_F(MakeTree, RefusesALocalPackageWhoseVersionBeginsWithNoDigit) {
  for (const std::string version : {"v1.0", "1:beta", "1:"}) {
    DebText deb;
    deb.name = "hello";
    deb.version = version;
    add(deb);
    locked_.back().origin = lock::kLocalOrigin;
    expect_failure(ErrorCode::kPackage, "cannot unpack \"hello " + version + "\": its version \"" + version +
                                            "\" does not begin with a digit");
    files_.pop_back();
    locked_.pop_back();
  }
}

TEST_F(MakeTree, RefusesAConffileThatIsNoFileOfTheTree) {
  for (const std::string line : {"etc/hello.conf", "/", "//", "/.", "/..", "/../etc/hello.conf", "/etc/../../x",
                                 "/etc/hello conf", "remove-on-upgrade", "remove-on-upgrade /"}) {
    DebText deb;
    deb.name = "hello";
    deb.control_files = {{.name = "./conffiles", .content = "/etc/good.conf\n" + line + "\n"}};
    add(deb);
    const std::string shown = line == "remove-on-upgrade /" ? "/" : line;
    expect_failure(ErrorCode::kPackage,
                   "cannot unpack \"hello 1.0\": its list of conffiles has the line \"" + shown + "\"");
    files_.pop_back();
    locked_.pop_back();
  }
}

// In the cache its file has a digest for a name.
TEST_F(MakeTree, ABadPackageIsNamedAsTheLockHasIt) {
  DebText evil;
  evil.name = "evil";
  evil.data = {{.name = "./../x", .content = "x"}};
  add(evil);
  const auto blob = temp_.path() / std::string(64, '0');
  fs::rename(files_.back().file, blob);
  files_.back().file = blob;
  expect_failure(ErrorCode::kPackage, "cannot unpack \"evil 1.0\": the name \"./../x\" leads out of the tree");
}

TEST_F(MakeTree, NamesTheProgramThatConfiguringNeeds) {
  for (const auto& [left_out, path] :
       {std::pair("./usr/bin/sh", "/bin/sh"), std::pair("./usr/bin/dpkg", "/usr/bin/dpkg")}) {
    auto mini = testing::mini_system();
    std::erase_if(mini.data, [&](const TarEntry& entry) { return entry.name == left_out; });
    files_.clear();
    add(mini);
    fs::remove_all(options_.work);
    fs::create_directories(options_.work);
    expect_failure(ErrorCode::kRecipe,
                   "the packages cannot be configured: none of the Essential ones, and of what they need, brings \"" +
                       std::string(path) + "\"");
  }
}

TEST_F(MakeTree, AShellWithoutItsLibrariesIsNoFaultOfTheKernel) {
  auto mini = testing::mini_system();
  std::erase_if(mini.data, [&](const TarEntry& entry) { return entry.name.find("/ld-linux") != std::string::npos; });
  files_.clear();
  add(mini);
  expect_failure(ErrorCode::kScript,
                 "cannot run \"/bin/sh\" in the tree: bwrap: execvp /bin/sh: No such file or directory");
}

TEST_F(MakeTree, CustomiseAddsUsersFilesAndCommands) {
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

TEST_F(MakeTree, CustomiseSaysWhereNoFolderIs) {
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

TEST_F(MakeTree, CustomiseLeavesFoldersAsTheyAre) {
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

}  // namespace
}  // namespace reburst::tree
