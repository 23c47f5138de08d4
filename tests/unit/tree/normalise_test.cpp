#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "builder/tree/tree.hpp"
#include "core/file.hpp"

namespace reburst::tree {
namespace {

constexpr Epoch kEpoch = 1767225600;  // 2026-01-01, day 20454

class Normalise : public ::testing::Test {
 protected:
  TempDirectory temp_ = *TempDirectory::make("/tmp", "reburst-normalise-test");
  Tree tree_{.root = temp_.path() / "root", .layout = {}, .owned = {}};
  recipe::Recipe recipe_;
  TreeOptions options_{.work = temp_.path(), .epoch = kEpoch, .jobs = 1, .provided = {}, .exclude = {}};

  void put(const std::string& path, const std::string& content = "x") {
    fs::create_directories((tree_.root / path).parent_path());
    std::ofstream(tree_.root / path) << content;
  }
  [[nodiscard]] bool there(const std::string& path) const { return fs::exists(fs::symlink_status(tree_.root / path)); }
  void normalise_now() {
    const auto done = normalise(tree_, recipe_, options_);
    ASSERT_TRUE(done) << done.error().render();
  }
};

TEST_F(Normalise, RemovesWhatDiffersBetweenBuilds) {
  const std::vector<std::string> traces = {"etc/passwd-",
                                           "var/log/dpkg.log",
                                           "var/cache/ldconfig/aux-cache",
                                           "var/lib/dpkg/status-old",
                                           "etc/ssh/ssh_host_rsa_key",
                                           "etc/ssh/ssh_host_rsa_key.pub",
                                           "var/lib/systemd/random-seed",
                                           "tmp/x/y",
                                           "run/z",
                                           "dev/null",
                                           "var/cache/man/index.db",
                                           "etc/ssl/private/ssl-cert-snakeoil.key"};
  for (const std::string& path : traces) put(path);
  put("etc/ssh/sshd_config");
  put("var/lib/dpkg/status");
  normalise_now();
  for (const std::string& path : traces) EXPECT_FALSE(there(path)) << path;
  for (const char* path : {"etc/ssh/sshd_config", "var/lib/dpkg/status", "tmp", "run", "dev", "var/cache/man"})
    EXPECT_TRUE(there(path)) << path;
}

TEST_F(Normalise, RemovesKeysThatScriptsGenerate) {
  const std::vector<std::string> keys = {"etc/dropbear/dropbear_ed25519_host_key", "etc/dropbear/dropbear_rsa_host_key",
                                         "etc/dropbear/initramfs/dropbear_rsa_host_key", "etc/bind/rndc.key"};
  for (const std::string& path : keys) put(path);
  for (const char* path : {"etc/dropbear/run", "etc/bind/named.conf"}) put(path);
  normalise_now();
  for (const std::string& path : keys) EXPECT_FALSE(there(path)) << path;
  for (const char* path : {"etc/dropbear/run", "etc/bind/named.conf"}) EXPECT_TRUE(there(path)) << path;
}

TEST_F(Normalise, KeepsTheRndcKeyThatTheRecipeBrings) {
  recipe::FileEntry entry;
  entry.path = "/etc/bind/rndc.key";
  entry.content = "x";
  recipe_.files = {entry};
  put("etc/bind/rndc.key");
  normalise_now();
  EXPECT_TRUE(there("etc/bind/rndc.key"));

  fs::create_directories(temp_.path() / "files/bind");
  entry.path = "/etc";
  entry.content.reset();
  entry.from = temp_.path() / "files";
  recipe_.files = {entry};
  std::ofstream(temp_.path() / "files/bind/rndc.key") << "x";
  normalise_now();
  EXPECT_TRUE(there("etc/bind/rndc.key"));

  fs::remove(temp_.path() / "files/bind/rndc.key");
  normalise_now();
  EXPECT_FALSE(there("etc/bind/rndc.key"));
}

TEST_F(Normalise, BlanksTheMachinesIdentity) {
  put("etc/machine-id", "0123");
  put("var/lib/dbus/machine-id", "0123");
  put("etc/hostname", "chosen\n");
  normalise_now();
  EXPECT_EQ(fs::file_size(tree_.root / "etc/machine-id"), 0U);
  EXPECT_EQ(fs::read_symlink(tree_.root / "var/lib/dbus/machine-id"), "/etc/machine-id");
  EXPECT_EQ(*read_file(tree_.root / "etc/hostname", 100), "chosen\n");
  EXPECT_TRUE(there("etc/hosts"));
}

TEST_F(Normalise, SetsTheDayOfPasswordChangesAndKeepsTheMode) {
  put("etc/shadow", "root:*:19000:0:99999:7:::\napp:!:19001::::::\nold:!::0:::::\n");
  fs::permissions(tree_.root / "etc/shadow", fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  normalise_now();
  EXPECT_EQ(*read_file(tree_.root / "etc/shadow", 1000),
            "root:*:20454:0:99999:7:::\napp:!:20454::::::\nold:!::0:::::\n");
  struct stat info {};
  ASSERT_EQ(::stat((tree_.root / "etc/shadow").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
}

TEST_F(Normalise, SetsEveryTimeToTheEpoch) {
  put("a/b/c");
  fs::create_symlink("/nowhere", tree_.root / "a/link");
  normalise_now();
  for (const char* path : {"", "a", "a/b", "a/b/c", "a/link", "etc/machine-id"}) {
    struct stat info {};
    ASSERT_EQ(::lstat((tree_.root / path).c_str(), &info), 0) << path;
    EXPECT_EQ(info.st_mtim.tv_sec, kEpoch) << path;
    EXPECT_EQ(info.st_mtim.tv_nsec, 0) << path;
  }
}

TEST_F(Normalise, LaysOutEveryPathOnce) {
  put("usr/bin/one");
  put("usr/bin/two");
  put("usr/bin/made-by-a-script");
  tree_.owned = {{"first", {"usr", "usr/bin", "usr/bin/two", "usr/bin/gone"}},
                 {"second", {"usr", "usr/bin", "usr/bin/one"}}};
  normalise_now();
  ASSERT_EQ(tree_.layout.size(), 3U);
  EXPECT_EQ(tree_.layout[0].package, "first");
  EXPECT_EQ(tree_.layout[0].paths, (std::vector<std::string>{"/usr", "/usr/bin", "/usr/bin/two"}));
  EXPECT_EQ(tree_.layout[1].paths, (std::vector<std::string>{"/usr/bin/one"}));
  EXPECT_EQ(tree_.layout[2].package, "");
  std::vector<std::string> all;
  for (const auto& group : tree_.layout) {
    EXPECT_TRUE(std::is_sorted(group.paths.begin(), group.paths.end()));
    all.insert(all.end(), group.paths.begin(), group.paths.end());
  }
  std::vector<std::string> walked;
  for (const auto& entry : fs::recursive_directory_iterator(tree_.root))
    walked.push_back(entry.path().string().substr(tree_.root.string().size()));
  std::sort(all.begin(), all.end());
  std::sort(walked.begin(), walked.end());
  EXPECT_EQ(all, walked);
}

}  // namespace
}  // namespace reburst::tree
