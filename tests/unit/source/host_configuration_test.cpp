#include <gtest/gtest.h>

#include "builder/source/open_archive.hpp"
#include "tests/support/archive/test_archive.hpp"

namespace reburst::source {
namespace {

class HostConfigurationTest : public testing::Test {
 protected:
  HostConfigurationTest() {
    test::put_file(etc_ / "trusted.gpg.d/b.asc", "");
    test::put_file(etc_ / "trusted.gpg.d/a.gpg", "");
    test::put_file(etc_ / "trusted.gpg.d/c.gpg~", "");
    EXPECT_TRUE(make_directories(scratch_));
  }

  Result<HostConfiguration> read() { return read_host_configuration(folder_->path(), scratch_); }

  std::string dump() {
    const auto host = read();
    if (!host) return host.error().render();
    std::string out;
    for (const auto& each : host->repositories) {
      out += each.uri + " " + each.suite;
      for (const auto& component : each.components) out += " " + component;
      for (const auto& keyring : each.keyrings) out += " " + keyring.lexically_relative(folder_->path()).string();
      for (const auto& fingerprint : each.fingerprints) out += " " + fingerprint;
      if (!each.check_valid_until) out += " unchecked";
      out += "\n";
    }
    for (const auto& note : host->notes) out += note + "\n";
    for (const auto& note : host->source_notes) out += note + "\n";
    return out;
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "host-test");
  fs::path etc_ = folder_->path() / "etc/apt";
  fs::path scratch_ = folder_->path() / "scratch";
  std::string defaults_ = " etc/apt/trusted.gpg.d/a.gpg etc/apt/trusted.gpg.d/b.asc\n";
};

TEST_F(HostConfigurationTest, ReadsBothFormatsInAptsOrder) {
  test::put_file(etc_ / "sources.list", "deb http://e/debian/ bookworm main\n");
  test::put_file(
      etc_ / "sources.list.d/b.sources",
      "Types: deb\nURIs: http://e/debian\nSuites: bookworm-updates s2\nComponents: main\nSigned-By: /k.gpg\n");
  test::put_file(etc_ / "sources.list.d/a.list", "deb [check-valid-until=no] file:///mirror bookworm main contrib\n");
  test::put_file(etc_ / "sources.list.d/c.list.disabled", "deb http://off/ x main\n");
  test::put_file(etc_ / "sources.list.d/d.sources.save", "nonsense\n");
  test::put_file(etc_ / "sources.list.d/.hidden.list", "deb http://off/ x main\n");
  EXPECT_EQ(
      dump(),
      "http://e/debian bookworm main" + defaults_ +
          "file:///mirror bookworm main contrib etc/apt/trusted.gpg.d/a.gpg etc/apt/trusted.gpg.d/b.asc unchecked\n"
          "http://e/debian bookworm-updates main k.gpg\nhttp://e/debian s2 main k.gpg\n");
}

// /etc/apt/sources.list.d of a Debian 13 machine with backports and a third party's repository, but for the hosts.
constexpr const char* kTrixie = R"(Types: deb
# http://example.org/archive/debian/20250811T000000Z
URIs: http://example.org/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp

Types: deb
# http://example.org/archive/debian-security/20250811T000000Z
URIs: http://example.org/debian-security
Suites: trixie-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp

# Modernized from /etc/apt/sources.list
Types: deb deb-src
URIs: http://example.org/debian/
Suites: trixie-backports
Components: main contrib non-free-firmware
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp
)";
constexpr const char* kThirdParty = R"(Types: deb
URIs: http://packages.example.org/node_20.x
Suites: nodistro
Components: main
Architectures: amd64 arm64
Signed-By: /usr/share/keyrings/packages.gpg
)";

// A recipe with "suite: bookworm" on a trixie machine.
TEST_F(HostConfigurationTest, ATrixieMachineBuildsBookworm) {
  test::put_file(etc_ / "sources.list.d/debian.sources", kTrixie);
  test::put_file(etc_ / "sources.list.d/node.sources", kThirdParty);
  const auto host = read();
  ASSERT_TRUE(host) << host.error().render();
  std::vector<std::string> left_out;
  const auto bookworm = with_suite(host->repositories, "bookworm", left_out);
  ASSERT_TRUE(bookworm) << bookworm.error().render();
  std::string out;
  for (const auto& each : *bookworm) {
    ASSERT_EQ(each.keyrings.size(), 1U);
    out += each.uri + " " + each.suite + " " + each.components.at(0) + " " +
           each.keyrings[0].lexically_relative(folder_->path()).string() + "\n";
  }
  const std::string keyring = " main usr/share/keyrings/debian-archive-keyring.pgp\n";
  EXPECT_EQ(out, "http://example.org/debian bookworm" + keyring + "http://example.org/debian bookworm-updates" +
                     keyring + "http://example.org/debian-security bookworm-security" + keyring);
  EXPECT_EQ(with_suite(*bookworm, "trixie", left_out)->at(2).suite, "trixie-security");
}

TEST_F(HostConfigurationTest, SaysThatPinsAreNotFollowed) {
  test::put_file(etc_ / "sources.list", "deb http://e/debian bookworm main\n");
  test::put_file(etc_ / "preferences", "");
  EXPECT_EQ(dump(), "http://e/debian bookworm main" + defaults_);
  test::put_file(etc_ / "preferences.d/hold.pref", "Package: nginx\nPin: version 1\nPin-Priority: 1001\n");
  EXPECT_EQ(dump(), "http://e/debian bookworm main" + defaults_ +
                        "warning: apt's preferences (\"hold.pref\") are not followed; name a version in the recipe "
                        "(nginx=1.22.1-9) to pin it\n");
}

TEST_F(HostConfigurationTest, MergesWhatIsNamedTwice) {
  test::put_file(etc_ / "sources.list",
                 "deb http://e/debian bookworm main\ndeb http://e/debian/ bookworm contrib main\n");
  EXPECT_EQ(dump(), "http://e/debian bookworm main contrib" + defaults_);
}

TEST_F(HostConfigurationTest, EmbeddedKeysBecomeKeyrings) {
  test::put_file(etc_ / "sources.list.d/a.sources",
                 "Types: deb\nURIs: http://e/\nSuites: s\nComponents: m\nSigned-By:\n -----BEGIN PGP PUBLIC KEY "
                 "BLOCK-----\n .\n AAAA\n"
                 " -----END PGP PUBLIC KEY BLOCK-----\n");
  const auto host = read();
  ASSERT_TRUE(host) << host.error().render();
  const auto keyring = host->repositories.at(0).keyrings.at(0);
  EXPECT_EQ(keyring.parent_path(), scratch_);
  EXPECT_EQ(test::get_file(keyring),
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n");
}

TEST_F(HostConfigurationTest, FingerprintsChooseAmongTheTrustedKeys) {
  const std::string fingerprint = "0123456789abcdef0123456789ABCDEF01234567";
  test::put_file(etc_ / "sources.list", "deb [signed-by=" + fingerprint + "!] http://e/ s m\n");
  EXPECT_EQ(dump(),
            "http://e s m etc/apt/trusted.gpg.d/a.gpg etc/apt/trusted.gpg.d/b.asc "
            "0123456789ABCDEF0123456789ABCDEF01234567!\n");
}

TEST_F(HostConfigurationTest, SkipsWithANoteWhatItCannotRead) {
  test::put_file(etc_ / "sources.list",
                 "deb cdrom:[Debian 12]/ bookworm main\ndeb http://e/flat ./\ndeb [trusted=yes] http://e/ s m\ndeb "
                 "[arch=s390x] http://z/ s m\n"
                 "deb http://e/$(ARCH) s m\n");
  const auto architecture = read()->architecture;
  const std::string list = "\"" + (etc_ / "sources.list").string() + "\" line ";
  EXPECT_EQ(dump(), "http://e s m" + defaults_ + "http://e/" + architecture + " s m" + defaults_ +
                        "warning: skipping \"cdrom:…\" of " + list +
                        "1: only http:, https: and file: are read\nwarning: skipping the flat repository of " + list +
                        "2: only repositories with components are read\nwarning: " + list +
                        "3 is marked as trusted; its signature is checked all the same\n");
}

TEST_F(HostConfigurationTest, RefusesWhatAptRefuses) {
  test::put_file(etc_ / "sources.list", "deb [signed-by=relative.gpg] http://e/ s m\n");
  EXPECT_EQ(dump(), "cannot read apt's \"" + (etc_ / "sources.list").string() +
                        "\" line 1: Signed-By \"relative.gpg\" is neither a path nor a fingerprint\n  hint: name the "
                        "keyring by its absolute path");
}

TEST_F(HostConfigurationTest, OfTheMachineItselfCanBeRead) {
  const auto host = read_host_configuration("/", scratch_);
  ASSERT_TRUE(host) << host.error().render();
  EXPECT_FALSE(host->architecture.empty());
  for (const auto& each : host->repositories) EXPECT_FALSE(each.components.empty());
}

}  // namespace
}  // namespace reburst::source
