#include "signing/sign/key_folder.hpp"

#include <sys/stat.h>

#include "core/json.hpp"
#include "tests/unit/signing/support.hpp"

namespace reburst::signing {
namespace {

class KeyFolderTest : public FolderTest {
 protected:
  [[nodiscard]] fs::path keys() const { return file("keys"); }
  KeyFolder create() { return create_development_keys(keys()).value(); }
};

TEST_F(KeyFolderTest, MakesDevelopmentKeys) {
  const auto made = create_development_keys(keys());
  ASSERT_TRUE(made) << made.error().render();
  EXPECT_EQ(read_file(keys() / "keys.json", 10000).value(),
            "{\"development\":true,\"keys\":1,\"roles\":{"
            "\"channel\":{\"expires_days\":90,\"keys\":[\"release.pem\"],\"threshold\":1},"
            "\"root\":{\"expires_days\":365,\"keys\":[\"root.pem\"],\"threshold\":1},"
            "\"snapshot\":{\"expires_days\":7,\"keys\":[\"snapshot.pem\"],\"threshold\":1},"
            "\"targets\":{\"expires_days\":365,\"keys\":[\"targets.pem\"],\"threshold\":1},"
            "\"timestamp\":{\"expires_days\":1,\"keys\":[\"timestamp.pem\"],\"threshold\":1}}}\n");
  struct stat status {};
  ASSERT_EQ(::stat(keys().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  const auto folder = read_key_folder(keys());
  ASSERT_TRUE(folder) << folder.error().render();
  EXPECT_TRUE(folder->development);
  EXPECT_EQ(folder->path, keys());
  EXPECT_EQ(made->path, keys());
  for (const auto& [name, setup] : folder->roles) {
    const auto public_ones = public_keys(*folder, setup, never_asked());
    ASSERT_TRUE(public_ones) << public_ones.error().render();
    ASSERT_EQ(public_ones->size(), 1U);
    EXPECT_EQ((*public_ones)[0].type(), name == "channel" ? KeyType::kEcdsaP256 : KeyType::kEd25519);
    const auto able = signers(*folder, setup, never_asked());
    ASSERT_TRUE(able) << able.error().render();
    ASSERT_EQ(able->size(), 1U);
    EXPECT_EQ((*able)[0]->public_key(), (*public_ones)[0]);
    EXPECT_TRUE((*public_ones)[0].verify("x", (*able)[0]->sign("x").value()));
  }
}

TEST_F(KeyFolderTest, RefusesAFolderThatOthersMayWriteTo) {
  create();
  for (const auto mode : {0720, 0702, 0777}) {
    fs::permissions(keys(), static_cast<fs::perms>(mode));
    const auto folder = read_key_folder(keys());
    ASSERT_FALSE(folder) << mode;
    EXPECT_EQ(folder.error().code, ErrorCode::kEnvironment);
    EXPECT_EQ(folder.error().message,
              "cannot use the key folder \"" + keys().string() + "\": other users may change what is in it");
    EXPECT_EQ(folder.error().hint, "chmod go-w \"" + keys().string() + "\", after a look at what keys.json says");
  }
  fs::permissions(keys(), static_cast<fs::perms>(0755));
  EXPECT_TRUE(read_key_folder(keys()));
}

TEST_F(KeyFolderTest, NeverReplacesKeys) {
  create();
  const auto root = read_file(keys() / "root.pem", 10000).value();
  const auto again = create_development_keys(keys());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kUsage);
  EXPECT_EQ(again.error().message, "cannot create development keys in \"" + keys().string() + "\": it is not empty");
  EXPECT_EQ(again.error().hint, "keys are never replaced: name another folder, or move the old one away");
  EXPECT_EQ(read_file(keys() / "root.pem", 10000).value(), root);
  EXPECT_EQ(std::distance(fs::directory_iterator(file("")), fs::directory_iterator()), 1);
}

TEST_F(KeyFolderTest, LeavesNothingWhenWhatBelongsIntoItCannotBeMade) {
  const auto made = create_development_keys(keys(), [](const fs::path& folder) -> Result<> {
    EXPECT_TRUE(fs::exists(folder / "root.pem"));
    return fail(ErrorCode::kEnvironment, "no gpg");
  });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "no gpg");
  EXPECT_EQ(std::distance(fs::directory_iterator(file("")), fs::directory_iterator()), 0);
}

TEST_F(KeyFolderTest, TakesAnEmptyFolderAndANewPath) {
  fs::create_directory(keys());
  EXPECT_TRUE(create_development_keys(keys()));
  EXPECT_TRUE(create_development_keys(file("a/b/c/")));
  EXPECT_TRUE(read_key_folder(file("a/b/c")));
}

TEST_F(KeyFolderTest, KnowsTheChannelsOwnSetup) {
  auto folder = create();
  folder.roles["web-stable"] = {.threshold = 2, .keys = {"release.pem", "anna.pub", "bert.pub"}, .expires_days = 30};
  folder.development = false;
  folder.pkcs11_module = "/usr/lib/softhsm/libsofthsm2.so";
  ASSERT_TRUE(write_key_folder(folder));
  const auto again = read_key_folder(keys()).value();
  EXPECT_FALSE(again.development);
  EXPECT_EQ(again.pkcs11_module, folder.pkcs11_module);
  EXPECT_EQ(role_setup(again, "web-stable").threshold, 2U);
  EXPECT_EQ(role_setup(again, "web-stable").expires_days, 30U);
  EXPECT_EQ(role_setup(again, "web-dev").keys, std::vector<std::string>{"release.pem"});
  EXPECT_EQ(role_setup(again, "root").keys, std::vector<std::string>{"root.pem"});
}

TEST_F(KeyFolderTest, CountsTheKeysOfOthersButDoesNotSignWithThem) {
  const auto folder = create();
  const auto anna = create_key(file("anna.pem"), KeyType::kEd25519, "").value();
  put("keys/anna.pub", anna.pem());
  const RoleSetup setup{.threshold = 2, .keys = {"anna.pub", "release.pem"}, .expires_days = 1};
  const auto both = public_keys(folder, setup, never_asked()).value();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0], anna);
  const auto able = signers(folder, setup, never_asked()).value();
  ASSERT_EQ(able.size(), 1U);
  EXPECT_EQ(able[0]->public_key(), both[1]);
}

// A root key lies in a safe: its public half is enough to write metadata about it.
TEST_F(KeyFolderTest, DoesWithoutAPrivateKeyThatIsElsewhere) {
  const auto folder = create();
  const auto& setup = role_setup(folder, "root");
  fs::rename(keys() / "root.pem", file("safe.pem"));
  EXPECT_EQ(public_keys(folder, setup, never_asked()).value().size(), 1U);
  EXPECT_EQ(signers(folder, setup, never_asked()).value().size(), 0U);
  fs::remove(keys() / "root.pub");
  for (const auto& error :
       {public_keys(folder, setup, never_asked()).error(), signers(folder, setup, never_asked()).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kMissing);
    EXPECT_EQ(error.message, "cannot open \"" + (keys() / "root.pem").string() + "\": No such file or directory");
  }
  fs::rename(file("safe.pem"), keys() / "root.pem");
  EXPECT_EQ(public_keys(folder, setup, never_asked()).value().size(), 1U);
}

TEST_F(KeyFolderTest, AsksForNoPassphraseUntilItSigns) {
  const auto folder = create();
  create_key(keys() / "web.pem", KeyType::kEcdsaP256, "correct horse").value();
  const RoleSetup setup{.threshold = 1, .keys = {"web.pem"}, .expires_days = 1};
  EXPECT_TRUE(public_keys(folder, setup, never_asked()));
  EXPECT_TRUE(signers(folder, setup, answers("correct horse")));
  EXPECT_FALSE(signers(folder, setup, answers("wrong")));
}

TEST_F(KeyFolderTest, RefusesAPublicKeyOfAnotherKey) {
  const auto folder = create();
  fs::copy_file(keys() / "targets.pub", keys() / "root.pub", fs::copy_options::overwrite_existing);
  const auto able = signers(folder, role_setup(folder, "root"), never_asked());
  ASSERT_FALSE(able);
  EXPECT_EQ(able.error().code, ErrorCode::kSignature);
  EXPECT_EQ(able.error().message, "the public key \"" + (keys() / "root.pub").string() + "\" does not belong to \"" +
                                      (keys() / "root.pem").string() + "\"");
  EXPECT_EQ(able.error().hint, "write it anew with \"openssl pkey -pubout\"");
}

TEST_F(KeyFolderTest, RefusesOneKeyUnderTwoNames) {
  const auto folder = create();
  fs::copy_file(keys() / "release.pem", keys() / "copy.pem");
  const auto both =
      public_keys(folder, {.threshold = 2, .keys = {"release.pem", "copy.pem"}, .expires_days = 1}, never_asked());
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, ErrorCode::kSignature);
  EXPECT_EQ(both.error().message, "\"release.pem\" and \"copy.pem\" are the same key");
  EXPECT_EQ(both.error().hint, "a key counts once: name another one in \"" + (keys() / "keys.json").string() + "\"");
}

struct Refusal {
  std::string pointer;
  Json value;
  std::string message;
};

TEST_F(KeyFolderTest, RefusesAKeyListThatIsNone) {
  create();
  const Json good = Json::parse(read_file(keys() / "keys.json", 10000).value());
  const std::string root = "/roles/root";
  const auto neither = [](const std::string& name) {
    return "roles.root.keys: \"" + name + "\" is neither a file of this folder nor a \"pkcs11:\" URI";
  };
  const std::vector<Refusal> kRefusals = {
      {"/keys", 2, "keys: its format is 2, and this program reads format 1"},
      {"/keys", "1", "keys: it is not a whole number"},
      {"/development", 1, "development: it is neither true nor false"},
      {"/pkcs11_module", 1, "pkcs11_module: it is not a string"},
      {"/extra", 1, "extra: it is not known"},
      {"/roles", Json::array(), "roles: it is not an object"},
      {"/roles", Json::object(), "roles.root: it is missing"},
      {"/roles/Web", good["roles"]["root"], "roles: \"Web\" cannot be the name of a role"},
      {root, 1, "roles.root: it is not an object"},
      {root + "/extra", 1, "roles.root.extra: it is not known"},
      {root + "/threshold", 0, "roles.root.threshold: it is 0, not 1 to 1"},
      {root + "/threshold", 2, "roles.root.threshold: it is 2, not 1 to 1"},
      {root + "/expires_days", 0, "roles.root.expires_days: it is 0, not 1 to 3650"},
      {root + "/expires_days", 3651, "roles.root.expires_days: it is 3651, not 1 to 3650"},
      {root + "/keys", Json::array(), "roles.root.keys: there is none"},
      {root + "/keys", {1}, "roles.root.keys: it holds something that is no name"},
      {root + "/keys", {"a\nb"}, "roles.root.keys: it holds something that is no name"},
      {root + "/keys", {"a", "a"}, "roles.root.keys: \"a\" stands twice"},
      {root + "/keys", {""}, neither("")},
      {root + "/keys", {"../a"}, neither("../a")},
      {root + "/keys", {"/a"}, neither("/a")},
      {root + "/keys", {".a"}, neither(".a")},
      {root + "/keys",
       {"pkcs11:token=a?pin-value=1234", "pkcs11:token=a?pin-value=1234"},
       "roles.root.keys: \"pkcs11:token=a\" stands twice"},
  };
  for (const auto& refusal : kRefusals) {
    Json json = good;
    json[Json::json_pointer(refusal.pointer)] = refusal.value;
    put("keys/keys.json", canonical_json(json));
    const auto folder = read_key_folder(keys());
    ASSERT_FALSE(folder) << refusal.message;
    EXPECT_EQ(folder.error().code, ErrorCode::kUsage);
    EXPECT_EQ(folder.error().message, "the key list \"" + (keys() / "keys.json").string() + "\": " + refusal.message);
    EXPECT_EQ(folder.error().hint, "docs/formats/keys.md has its form");
  }
}

TEST_F(KeyFolderTest, WritesNoSetupThatItWouldRefuse) {
  auto folder = create();
  const auto before = read_file(keys() / "keys.json", 10000).value();
  folder.roles["root"].threshold = 2;
  EXPECT_FALSE(write_key_folder(folder));
  EXPECT_EQ(read_file(keys() / "keys.json", 10000).value(), before);
}

TEST_F(KeyFolderTest, SaysThatThereIsNone) {
  const auto folder = read_key_folder(file("none"));
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kMissing);
}

}  // namespace
}  // namespace reburst::signing
