#include "tests/unit/tree/tree_fixture.hpp"

namespace reburst::tree {
namespace {

using testing::DebText;
using testing::folder;
using testing::script;
using testing::TarEntry;

class MakeTreeRefusals : public testing::TreeFixture {};

TEST_F(MakeTreeRefusals, NamesThePackageWhosePostinstFails) {
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

TEST_F(MakeTreeRefusals, NamesThePackageWhosePreinstFails) {
  DebText deb;
  deb.name = "broken";
  deb.control_files = {script("preinst", "echo what went wrong >&2\nexit 3\n")};
  add(deb);
  expect_failure(ErrorCode::kScript,
                 "the preinst script of package \"broken\" failed with exit status 3:\n  | what went wrong");
}

TEST_F(MakeTreeRefusals, SaysWhichDependencyIsMissing) {
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

TEST_F(MakeTreeRefusals, RefusesAPackageThatIsNotTheLockedOne) {
  DebText deb;
  deb.name = "hello";
  add(deb);
  locked_.back().version = "1.1";
  expect_failure(
      ErrorCode::kPackage,
      "the package \"hello 1.1\" is not the one that the lock names: version\n  expected 1.1\n  actual   1.0");
}

TEST_F(MakeTreeRefusals, RefusesALocalPackageWhoseVersionBeginsWithNoDigit) {
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

TEST_F(MakeTreeRefusals, RefusesAConffileThatIsNoFileOfTheTree) {
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
TEST_F(MakeTreeRefusals, ABadPackageIsNamedAsTheLockHasIt) {
  DebText evil;
  evil.name = "evil";
  evil.data = {{.name = "./../x", .content = "x"}};
  add(evil);
  const auto blob = temp_.path() / std::string(64, '0');
  fs::rename(files_.back().file, blob);
  files_.back().file = blob;
  expect_failure(ErrorCode::kPackage, "cannot unpack \"evil 1.0\": the name \"./../x\" leads out of the tree");
}

TEST_F(MakeTreeRefusals, NamesTheProgramThatConfiguringNeeds) {
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

TEST_F(MakeTreeRefusals, AShellWithoutItsLibrariesIsNoFaultOfTheKernel) {
  auto mini = testing::mini_system();
  std::erase_if(mini.data, [&](const TarEntry& entry) { return entry.name.find("/ld-linux") != std::string::npos; });
  files_.clear();
  add(mini);
  expect_failure(ErrorCode::kScript,
                 "cannot run \"/bin/sh\" in the tree: bwrap: execvp /bin/sh: No such file or directory");
}

}  // namespace
}  // namespace reburst::tree
