#include <sys/stat.h>

#include "tests/unit/signing/support.hpp"

namespace reburst::signing {
namespace {

class CreateKey : public FolderTest {};

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

TEST_F(CreateKey, MakesAPairThatOnlyItsOwnerReads) {
  for (const auto type : {KeyType::kEd25519, KeyType::kEcdsaP256}) {
    const std::string name = type == KeyType::kEd25519 ? "ed25519" : "p256";
    const auto key = create_key(file(name + ".pem"), type, "");
    ASSERT_TRUE(key) << key.error().render();
    EXPECT_EQ(key->type(), type);
    EXPECT_EQ(mode_of(file(name + ".pem")), 0600U);
    EXPECT_EQ(mode_of(file(name + ".pub")), 0644U);
    EXPECT_EQ(read_file(file(name + ".pub"), 10000).value(), key->pem());
    // OpenSSL reads both, and they belong together.
    EXPECT_EQ(openssl({"pkey", "-in", file(name + ".pem"), "-pubout"}), key->pem());
  }
}

TEST_F(CreateKey, EncryptsAsPbes2Says) {
  const auto key = create_key(file("a.pem"), KeyType::kEd25519, "correct horse").value();
  const auto text = read_file(file("a.pem"), 10000).value();
  EXPECT_TRUE(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")) << text;
  const auto structure = openssl({"asn1parse", "-in", file("a.pem")});
  for (const auto* part : {":PBES2", ":PBKDF2", ":hmacWithSHA256", ":aes-256-cbc", ":0927C0"}) {
    EXPECT_NE(structure.find(part), std::string::npos) << part << structure;  // 0x0927c0 = 600000 iterations
  }
  EXPECT_EQ(openssl({"pkey", "-in", file("a.pem"), "-passin", "pass:correct horse", "-pubout"}), key.pem());
  // Another salt every time.
  create_key(file("b.pem"), KeyType::kEd25519, "correct horse").value();
  EXPECT_NE(read_file(file("b.pem"), 10000).value().substr(0, 150), text.substr(0, 150));
}

TEST_F(CreateKey, NeverReplacesAKey) {
  put("a.pem", "precious");
  put("b.pub", "precious");
  fs::create_symlink("nowhere", file("c.pem"));
  for (const auto& [name, there] :
       std::vector<std::pair<std::string, std::string>>{{"a.pem", "a.pem"}, {"b.pem", "b.pub"}, {"c.pem", "c.pem"}}) {
    const auto key = create_key(file(name), KeyType::kEd25519, "");
    ASSERT_FALSE(key) << name;
    EXPECT_EQ(key.error().code, ErrorCode::kUsage);
    EXPECT_EQ(key.error().message, "cannot create the key \"" + file(there).string() + "\": the file is there already");
    EXPECT_EQ(key.error().hint, "keys are never replaced: choose another name, or move the old one away");
  }
  EXPECT_EQ(read_file(file("a.pem"), 100).value(), "precious");
  EXPECT_FALSE(fs::exists(file("a.pub")));
  EXPECT_FALSE(fs::exists(file("b.pem")));
}

TEST_F(CreateKey, LeavesNothingElse) {
  create_key(file("a.pem"), KeyType::kEd25519, "").value();
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(file(""))) names.push_back(entry.path().filename());
  EXPECT_EQ(names.size(), 2U);
}

TEST(PublicKeyFile, LiesBesideThePrivateOne) {
  EXPECT_EQ(public_key_file("keys/root.pem"), "keys/root.pub");
  EXPECT_EQ(public_key_file("keys/root"), "keys/root.pub");
  EXPECT_EQ(public_key_file("keys/root.key"), "keys/root.key.pub");
}

}  // namespace
}  // namespace reburst::signing
