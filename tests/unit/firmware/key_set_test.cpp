#include "signing/firmware/key_set.hpp"

#include <sys/stat.h>

#include <set>

#include "signing/firmware/authenticated_variable.hpp"
#include "signing/firmware/signature_list.hpp"
#include "tests/unit/firmware/support.hpp"

namespace reburst::firmware {
namespace {

class KeySetTest : public KeySet {
 protected:
  static std::set<std::string> names(const fs::path& folder) {
    std::set<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder)) out.insert(entry.path().filename().string());
    return out;
  }
};

TEST_F(KeySetTest, HasEveryFile) {
  std::set<std::string> expected{"nvram.fd"};
  for (const std::string name : {"PK", "KEK", "db"}) {
    for (const auto* ending : {".pem", ".crt", ".cer", ".esl", ".auth"}) expected.insert(name + ending);
  }
  EXPECT_EQ(names(keys()), expected);
  for (const auto* name : {"PK.pem", "KEK.pem", "db.pem"}) {
    struct stat status {};
    ASSERT_EQ(::stat((keys() / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(KeySetTest, TheFilesBelongTogether) {
  const auto known = read_certificates(keys()).value();
  const auto owner = owner_of(known.platform_key);
  EXPECT_EQ(get(keys() / "db.cer"), known.db.der());
  EXPECT_EQ(get(keys() / "db.esl"), certificate_list(known.db, owner));
  EXPECT_EQ(get(keys() / "db.auth"),
            authenticated_variable("db", kKeyAttributes, get(keys() / "db.esl"), kNow, key("KEK")).value());
  EXPECT_EQ(get(keys() / "KEK.auth"),
            authenticated_variable("KEK", kKeyAttributes, get(keys() / "KEK.esl"), kNow, key("PK")).value());
  EXPECT_EQ(get(keys() / "PK.auth"),
            authenticated_variable("PK", kKeyAttributes, get(keys() / "PK.esl"), kNow, key("PK")).value());
  const auto variables = read_nvram(get(keys() / "nvram.fd"), "nvram.fd").value();
  for (const auto& variable : variables) {
    if (variable.name != "SecureBootEnable") {
      EXPECT_EQ(variable.data, get(keys() / (variable.name + ".esl")));
    }
  }
}

TEST_F(KeySetTest, APassphraseEncryptsThePrivateKeys) {
  const auto folder = file("encrypted");
  ASSERT_TRUE(create_key_set(folder, {.name = "Test", .now = kNow, .passphrase = "secret", .blank = blank()}));
  for (const auto* name : {"PK", "KEK", "db"}) {
    EXPECT_THAT(get(folder / (std::string(name) + ".pem")),
                testing::StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  }
  const auto db = read_certificates(folder).value().db;
  EXPECT_TRUE(FirmwareKey::open((folder / "db.pem").string(), db, answers("secret"), {}));
}

TEST_F(KeySetTest, KeysAreNeverReplaced) {
  const auto before = get(keys() / "db.pem");
  refused(create_key_set(keys(), {.name = "Test", .now = kNow, .passphrase = {}, .blank = blank()}), ErrorCode::kUsage,
          "cannot create Secure Boot keys in \"" + keys().string() + "\": it is there already",
          "keys are never replaced: name another folder, or move the old one away");
  EXPECT_EQ(get(keys() / "db.pem"), before);
}

TEST_F(KeySetTest, AFailureLeavesNothing) {
  const auto folder = file("broken");
  refused(create_key_set(folder, {.name = "Test", .now = kNow, .passphrase = {}, .blank = "no volume"}),
          ErrorCode::kIntegrity, "cannot use \"OVMF_VARS_4M.fd\" as a firmware's NVRAM: it is no volume of variables",
          "take OVMF_VARS_4M.fd of the package ovmf");
  EXPECT_FALSE(fs::exists(folder));
  for (const auto& name : names(folder.parent_path())) EXPECT_THAT(name, testing::Not(testing::StartsWith(".secure")));
}

}  // namespace
}  // namespace reburst::firmware
