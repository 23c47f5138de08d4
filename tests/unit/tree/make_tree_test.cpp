#include "tests/unit/tree/tree_fixture.hpp"

namespace reburst::tree {
namespace {

using testing::DebText;
using testing::folder;
using testing::script;
using testing::TarEntry;

class MakeTree : public testing::TreeFixture {};

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

}  // namespace
}  // namespace reburst::tree
