#include "builder/harden/harden.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <set>

#include "builder/harden/controls.hpp"
#include "core/file.hpp"

namespace reburst::harden {
namespace {

class Harden : public ::testing::Test {
 protected:
  TempDirectory temp_ = *TempDirectory::make("/tmp", "reburst-harden-test");
  tree::Tree tree_{.root = temp_.path(), .layout = {}, .owned = {}};

  void SetUp() override {
    for (const char* folder : {"etc", "usr", "var"}) fs::create_directories(tree_.root / folder);
    put("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    put("etc/shadow", "root:*:20000:0:99999:7:::\n", 0640);
  }
  void put(const std::string& path, const std::string& content = "x", mode_t mode = 0644) {
    fs::create_directories((tree_.root / path).parent_path());
    std::ofstream(tree_.root / path) << content;
    ASSERT_EQ(::chmod((tree_.root / path).c_str(), mode), 0);
  }
  [[nodiscard]] bool there(const std::string& path) const { return fs::exists(fs::symlink_status(tree_.root / path)); }
  [[nodiscard]] mode_t mode(const std::string& path) const {
    struct stat info {};
    EXPECT_EQ(::lstat((tree_.root / path).c_str(), &info), 0) << path;
    return info.st_mode & 07777U;
  }
  [[nodiscard]] std::string text(const std::string& path) const { return *read_file(tree_.root / path, 10000); }
  // "control: detail" of what did not pass.
  std::vector<std::string> failures() {
    std::vector<std::string> out;
    const auto findings = harden(tree_);
    EXPECT_TRUE(findings) << findings.error().render();
    for (const Finding& finding : *findings) {
      if (!finding.passed) out.push_back(finding.control + ": " + finding.detail);
    }
    return out;
  }
  // Control id to what came of it; every control must have passed.
  std::map<std::string, std::string> enforce() {
    std::map<std::string, std::string> details;
    const auto findings = harden(tree_);
    EXPECT_TRUE(findings) << findings.error().render();
    for (const Finding& finding : *findings) {
      EXPECT_TRUE(finding.passed) << finding.control << ": " << finding.detail;
      details[finding.control] = finding.detail;
    }
    return details;
  }
};

TEST_F(Harden, TheCatalogueHasUniqueIds) {
  std::set<std::string_view> ids;
  for (const Control& control : catalogue()) EXPECT_TRUE(ids.insert(control.id).second) << control.id;
  EXPECT_EQ(ids, (std::set<std::string_view>{"real-folders", "no-package-manager", "no-setuid-files", "locked-root",
                                             "no-ssh-host-keys", "empty-machine-id", "no-automatic-mounts"}));
}

TEST_F(Harden, RemovesThePackageManagerAndKeepsWhatServicesUse) {
  const std::vector<std::string> gone = {"usr/bin/dpkg",
                                         "usr/bin/apt-get",
                                         "usr/bin/debconf",
                                         "usr/lib/apt/methods/http",
                                         "etc/apt/sources.list",
                                         "var/lib/dpkg/info/a.list",
                                         "var/lib/apt/lists/x",
                                         "var/cache/debconf/config.dat",
                                         "usr/lib/systemd/system/apt-daily.timer"};
  for (const std::string& path : gone) put(path);
  for (const char* path : {"var/lib/dpkg/status", "usr/sbin/start-stop-daemon", "usr/bin/ls"}) put(path);
  enforce();
  for (const std::string& path : gone) EXPECT_FALSE(there(path)) << path;
  for (const char* path : {"var/lib/dpkg/status", "usr/sbin/start-stop-daemon", "usr/bin/ls"})
    EXPECT_TRUE(there(path)) << path;
}

TEST_F(Harden, ClearsSetuidAndSetgidButOfTheListedFiles) {
  put("usr/bin/sudo", "x", 04755);
  put("usr/bin/su", "x", 04755);
  put("usr/bin/mount", "x", 04755);
  put("usr/bin/wall", "x", 02755);
  put("opt/su", "x", 06755);
  fs::create_directories(tree_.root / "var/mail");
  ASSERT_EQ(::chmod((tree_.root / "var/mail").c_str(), 02775), 0);
  const auto details = enforce();
  EXPECT_EQ(mode("usr/bin/sudo"), 04755U);
  EXPECT_EQ(mode("usr/bin/su"), 0755U);
  EXPECT_EQ(mode("usr/bin/mount"), 0755U);
  EXPECT_EQ(mode("usr/bin/wall"), 0755U);
  EXPECT_EQ(mode("opt/su"), 0755U);
  EXPECT_EQ(mode("var/mail"), 02775U);  // on a folder it only passes the group on
  EXPECT_EQ(details.at("no-setuid-files"), "bit removed from /opt/su, /usr/bin/mount, /usr/bin/su, /usr/bin/wall");
}

// One file, whichever of its names comes first in its folder.
TEST_F(Harden, NamesEveryHardLinkOfASetuidFile) {
  put("usr/bin/b", "x", 04755);
  for (const char* other : {"opt/z", "usr/bin/a", "usr/bin/c"}) {
    fs::create_directories((tree_.root / other).parent_path());
    fs::create_hard_link(tree_.root / "usr/bin/b", tree_.root / other);
  }
  EXPECT_EQ(enforce().at("no-setuid-files"), "bit removed from /opt/z, /usr/bin/a, /usr/bin/b, /usr/bin/c");
  EXPECT_EQ(mode("opt/z"), 0755U);
}

TEST_F(Harden, MasksTheGeneratorThatMountsByPartitionType) {
  EXPECT_EQ(enforce().at("no-automatic-mounts"), "systemd is not in the image");
  const auto mask = tree_.root / "etc/systemd/system-generators/systemd-gpt-auto-generator";
  EXPECT_FALSE(there("etc/systemd/system-generators"));
  put("usr/lib/systemd/system-generators/systemd-gpt-auto-generator", "x", 0755);
  put("etc/systemd/system-generators/systemd-gpt-auto-generator", "not a mask");
  EXPECT_EQ(enforce().at("no-automatic-mounts"), "systemd-gpt-auto-generator is masked");
  EXPECT_EQ(fs::read_symlink(mask), "/dev/null");
}

TEST_F(Harden, LocksRootAndEmptyPasswords) {
  put("etc/shadow", "root::20000:0:99999:7:::\nopen::20000::::::\nok:$y$abc:20000::::::\nlocked:!:20000::::::\n", 0640);
  put("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nbare::5:5::/:/bin/sh\n");
  const auto details = enforce();
  EXPECT_EQ(text("etc/shadow"),
            "root:!*:20000:0:99999:7:::\nopen:!*:20000::::::\nok:$y$abc:20000::::::\nlocked:!:20000::::::\n");
  EXPECT_EQ(text("etc/passwd"), "root:x:0:0:root:/root:/bin/bash\nbare:!*:5:5::/:/bin/sh\n");
  EXPECT_EQ(mode("etc/shadow"), 0640U);
  EXPECT_EQ(details.at("locked-root"), "locked: root, open, bare");
}

TEST_F(Harden, LocksARootWithAPassword) {
  put("etc/shadow", "root:$6$salt$hash:20000:0:99999:7:::\n");
  enforce();
  EXPECT_EQ(text("etc/shadow"), "root:!*:20000:0:99999:7:::\n");
}

using Lines = std::vector<std::string>;

TEST_F(Harden, AFolderThatIsALinkElsewhereIsAFinding) {
  for (const std::string folder : {"etc", "usr", "var"}) {
    fs::create_directories(tree_.root / "tmp");
    fs::rename(tree_.root / folder, tree_.root / "tmp" / folder);
    EXPECT_EQ(failures(), Lines{"real-folders: not a folder of the image: /" + folder}) << "not there";
    fs::create_symlink("/tmp/" + folder, tree_.root / folder);
    EXPECT_EQ(failures(), Lines{"real-folders: not a folder of the image: /" + folder}) << "a link";
    fs::remove(tree_.root / folder);
    fs::rename(tree_.root / "tmp" / folder, tree_.root / folder);
  }
  fs::remove_all(tree_.root / "usr");
  put("usr", "a file");
  fs::remove_all(tree_.root / "var");
  EXPECT_EQ(failures(), Lines{"real-folders: not a folder of the image: /usr, /var"});
}

TEST_F(Harden, NothingIsChangedWhereTheFoldersAreNotReal) {
  fs::remove_all(tree_.root / "etc");
  put("usr/bin/dpkg");
  EXPECT_EQ(harden(tree_)->size(), 1U);
  EXPECT_TRUE(there("usr/bin/dpkg"));
  EXPECT_FALSE(there("etc"));
}

TEST_F(Harden, AnImageThatDoesNotKnowRootIsAFinding) {
  put("etc/shadow", "daemon:*:20000:0:99999:7:::\nroot\n", 0640);
  EXPECT_EQ(failures(), Lines{"locked-root: /etc/shadow has no account \"root\""});
  fs::remove(tree_.root / "etc/shadow");
  EXPECT_EQ(failures(), Lines{"locked-root: the image has no file /etc/shadow"});
  put("etc/passwd", "daemon:x:1:1::/:/bin/sh\n");
  EXPECT_EQ(failures(), Lines{"locked-root: /etc/passwd has no account \"root\""});
  fs::remove(tree_.root / "etc/passwd");
  EXPECT_EQ(failures(), Lines{"locked-root: the image has no file /etc/passwd"});
}

TEST_F(Harden, AccountsBehindALinkAreAFinding) {
  for (const std::string name : {"shadow", "passwd"}) {
    fs::create_directories(tree_.root / "tmp");
    fs::rename(tree_.root / "etc" / name, tree_.root / "tmp" / name);
    fs::create_symlink("/tmp/" + name, tree_.root / "etc" / name);
    EXPECT_EQ(failures(), Lines{"locked-root: the image has no file /etc/" + name});
  }
}

// As Debian without the package passwd has it.
TEST_F(Harden, RootMayBeLockedInPasswdAlone) {
  put("etc/passwd", "root:*:0:0:root:/root:/bin/bash\n");
  put("etc/shadow", "systemd-network:!*:20000::::::\n", 0640);
  EXPECT_EQ(failures(), Lines{});
  fs::remove(tree_.root / "etc/shadow");
  EXPECT_EQ(failures(), Lines{});
  put("etc/passwd", "root:$6$salt$hash:0:0:root:/root:/bin/bash\n");
  EXPECT_EQ(enforce().at("locked-root"), "locked: root");
  EXPECT_EQ(text("etc/passwd"), "root:!*:0:0:root:/root:/bin/bash\n");
}

TEST_F(Harden, RemovesHostKeysAndTheMachineId) {
  put("etc/ssh/ssh_host_ed25519_key");
  put("etc/dropbear/dropbear_rsa_host_key");
  put("etc/ssh/sshd_config");
  put("etc/machine-id", "0123456789abcdef0123456789abcdef\n", 0444);
  enforce();
  EXPECT_FALSE(there("etc/ssh/ssh_host_ed25519_key"));
  EXPECT_FALSE(there("etc/dropbear/dropbear_rsa_host_key"));
  EXPECT_TRUE(there("etc/ssh/sshd_config"));
  EXPECT_EQ(text("etc/machine-id"), "");
  EXPECT_EQ(mode("etc/machine-id"), 0444U);
}

TEST_F(Harden, TwiceIsAsOnce) {
  put("etc/shadow", "root:*:20000:0:99999:7:::\n");
  put("usr/bin/mount", "x", 04755);
  enforce();
  const auto details = enforce();
  EXPECT_EQ(details.at("no-setuid-files"), "none found");
  EXPECT_EQ(details.at("locked-root"), "no account could log in without a password");
}

}  // namespace
}  // namespace reburst::harden
