#include "signing/sign/key_setup.hpp"

#include "tests/unit/signing/support.hpp"

namespace reburst::signing {
namespace {

class KeySetup : public FolderTest {
 protected:
  void SetUp() override { ASSERT_TRUE(create_split_keys(file("keys"), file("offline"), "secret")); }
  [[nodiscard]] KeyFolder folder() const { return read_key_folder(file("keys")).value(); }
  void refused(const Result<std::string>& result, const std::string& message, const std::string& hint) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kUsage);
    EXPECT_EQ(result.error().message, message);
    EXPECT_EQ(result.error().hint, hint);
  }
};

TEST_F(KeySetup, OfflineKeysAreNotOnline) {
  for (const auto* name : {"root", "targets"}) {
    EXPECT_FALSE(fs::exists(file("keys") / (std::string(name) + ".pem")));
    EXPECT_TRUE(signers(folder(), role_setup(folder(), name), never_asked()).value().empty());
    EXPECT_EQ(public_keys(folder(), role_setup(folder(), name), never_asked()).value().size(), 1U);
  }
  for (const auto* name : {"snapshot", "timestamp", "release"})
    EXPECT_FALSE(fs::exists(file("offline") / (std::string(name) + ".pem")));
  const auto offline = read_key_folder(file("offline")).value();
  EXPECT_EQ(signers(offline, role_setup(offline, "root"), answers("secret")).value().size(), 1U);
  EXPECT_FALSE(offline.development);
}

TEST_F(KeySetup, AreNotMadeTwice) {
  const auto again = create_split_keys(file("keys"), file("other"), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "cannot create keys in \"" + file("keys").string() + "\": it is not empty");
  EXPECT_FALSE(fs::exists(file("other")));
}

TEST_F(KeySetup, APublicKeyIsCopiedAndListedByItsPrivateName) {
  ASSERT_TRUE(create_key(file("anna.pem"), KeyType::kEd25519, {}));
  auto changed = folder();
  EXPECT_EQ(add_key(changed, "web-stable", file("anna.pub").string()).value(), "anna.pem");
  EXPECT_EQ(changed.roles.at("web-stable").keys, std::vector<std::string>{"anna.pem"});
  EXPECT_EQ(changed.roles.at("web-stable").expires_days, 90U);
  EXPECT_TRUE(fs::exists(file("keys") / "anna.pub"));
  refused(add_key(changed, "web-stable", file("anna.pub").string()), "\"web-stable\" has the key \"anna.pem\" already",
          "a key counts once: reburst key list shows what there is");
}

TEST_F(KeySetup, AnotherKeyOfTheSameNameIsRefused) {
  ASSERT_TRUE(create_key(file("root.pem"), KeyType::kEd25519, {}));
  auto changed = folder();
  refused(add_key(changed, "web-stable", file("root.pub").string()),
          "cannot add \"" + file("root.pub").string() + "\": \"" + (file("keys") / "root.pub").string() +
              "\" is another key",
          "give the new one another name");
}

TEST_F(KeySetup, APrivateKeyOfElsewhereIsRefused) {
  ASSERT_TRUE(create_key(file("anna.pem"), KeyType::kEd25519, {}));
  auto changed = folder();
  refused(add_key(changed, "channel", file("anna.pem").string()),
          "\"" + file("anna.pem").string() + "\" is no key of \"" + file("keys").string() + "\"",
          "name a public key (NAME.pub) of anybody, a private key in that folder, or a pkcs11: URI");
}

TEST_F(KeySetup, ANameThatIsNoRoleIsRefused) {
  auto changed = folder();
  refused(add_key(changed, "tragets", "pkcs11:object=x"), "\"tragets\" is no role that has keys",
          "the roles are root, targets, snapshot, timestamp, channel, and ROLE-CHANNEL such as web-stable");
}

TEST_F(KeySetup, TheLastKeyStays) {
  auto changed = folder();
  const auto last = remove_key(changed, "root", "root.pub");
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().message, "\"root.pub\" is the only key of \"root\"");
  const auto none = remove_key(changed, "root", "anna.pem");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "\"root\" has no key \"anna.pem\"");
}

TEST_F(KeySetup, ATokensKeyIsAddedAndRemovedByItsUri) {
  auto changed = folder();
  EXPECT_EQ(add_key(changed, "channel", "pkcs11:object=x").value(), "pkcs11:object=x");
  ASSERT_TRUE(remove_key(changed, "channel", "release.pem"));
  EXPECT_EQ(changed.roles.at("channel").keys, std::vector<std::string>{"pkcs11:object=x"});
}

}  // namespace
}  // namespace reburst::signing
