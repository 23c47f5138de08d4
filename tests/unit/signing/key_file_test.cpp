#include "tests/unit/signing/support.hpp"

namespace reburst::signing {
namespace {

class KeyFile : public FolderTest {
 protected:
  void refuses(const std::string& name, ErrorCode code, const std::string& message, const std::string& hint,
               const AskPassphrase& ask = never_asked()) {
    const auto signer = open_signer(file(name), ask);
    ASSERT_FALSE(signer) << message;
    EXPECT_EQ(signer.error().code, code);
    EXPECT_EQ(signer.error().message, message);
    EXPECT_EQ(signer.error().hint, hint);
  }
  [[nodiscard]] std::string cannot_use(const std::string& name) const {
    return "cannot use the private key \"" + file(name).string() + "\": ";
  }
};

// The judge is OpenSSL's program, which knows nothing of this code.
TEST_F(KeyFile, SignsWhatOpensslVerifies) {
  const std::string message = std::string("some\0bytes\n", 11);
  put("message", message);
  for (const auto type : {KeyType::kEd25519, KeyType::kEcdsaP256}) {
    const bool ed25519 = type == KeyType::kEd25519;
    const std::string name = ed25519 ? "ed25519" : "p256";
    const auto key = create_key(file(name + ".pem"), type, "").value();
    const auto signer = open_signer(file(name + ".pem"), never_asked());
    ASSERT_TRUE(signer) << signer.error().render();
    EXPECT_EQ((*signer)->public_key(), key);
    EXPECT_EQ((*signer)->public_key().id(), key.id());
    const auto signature = (*signer)->sign(message).value();
    EXPECT_TRUE(key.verify(message, signature));
    put("signature", signature);
    const auto verdict = ed25519 ? openssl({"pkeyutl", "-verify", "-pubin", "-inkey", file(name + ".pub"), "-rawin",
                                            "-in", file("message"), "-sigfile", file("signature")})
                                 : openssl({"dgst", "-sha256", "-verify", file(name + ".pub"), "-signature",
                                            file("signature"), file("message")});
    EXPECT_EQ(verdict, ed25519 ? "Signature Verified Successfully\n" : "Verified OK\n");
  }
}

TEST_F(KeyFile, VerifiesWhatOpensslSigned) {
  put("message", "hello");
  openssl({"genpkey", "-algorithm", "ed25519", "-out", file("a.pem")});
  openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file("b.pem")});
  openssl({"pkeyutl", "-sign", "-inkey", file("a.pem"), "-rawin", "-in", file("message"), "-out", file("a.sig")});
  openssl({"dgst", "-sha256", "-sign", file("b.pem"), "-out", file("b.sig"), file("message")});
  for (const std::string name : {"a", "b"}) {
    const auto key = PublicKey::from_pem(openssl({"pkey", "-in", file(name + ".pem"), "-pubout"}), "x").value();
    EXPECT_TRUE(key.verify("hello", read_file(file(name + ".sig"), 1000).value()));
    EXPECT_EQ(open_signer(file(name + ".pem"), never_asked()).value()->public_key(), key);
  }
}

TEST_F(KeyFile, AsksForThePassphrase) {
  const auto key = create_key(file("a.pem"), KeyType::kEcdsaP256, "correct horse").value();
  std::string asked;
  const auto signer = open_signer(file("a.pem"), [&](std::string_view what) -> Result<std::string> {
    asked = what;
    return std::string("correct horse");
  });
  ASSERT_TRUE(signer) << signer.error().render();
  EXPECT_EQ(asked, file("a.pem").string());
  EXPECT_TRUE(key.verify("x", (*signer)->sign("x").value()));
}

TEST_F(KeyFile, SaysThatAPassphraseIsWrong) {
  create_key(file("a.pem"), KeyType::kEd25519, "correct horse").value();
  const std::string message = "the passphrase of the private key \"" + file("a.pem").string() + "\" is wrong";
  for (const auto* wrong :
       {"correct horsf", "", "correct horse ", "a passphrase that is longer than any short string"}) {
    refuses("a.pem", ErrorCode::kUsage, message, "try again", answers(wrong));
  }
}

TEST_F(KeyFile, PassesOnThatThereIsNoPassphrase) {
  create_key(file("a.pem"), KeyType::kEd25519, "correct horse").value();
  refuses("a.pem", ErrorCode::kUsage, "no terminal", "",
          [](std::string_view) -> Result<std::string> { return fail(ErrorCode::kUsage, "no terminal"); });
  refuses("a.pem", ErrorCode::kUsage, "\"" + file("a.pem").string() + "\" needs a passphrase, and there is none", "",
          nullptr);
}

TEST_F(KeyFile, ReadsWhatOthersEncrypted) {
  create_key(file("a.pem"), KeyType::kEd25519, "").value();
  for (const auto* cipher : {"aes-128-cbc", "aes-256-cbc", "des3"}) {
    const std::string out = std::string(cipher) + ".pem";
    openssl({"pkcs8", "-topk8", "-in", file("a.pem"), "-v2", cipher, "-passout", "pass:x", "-out", file(out)});
    EXPECT_TRUE(open_signer(file(out), answers("x"))) << cipher;
  }
  openssl({"pkcs8", "-topk8", "-in", file("a.pem"), "-v1", "PBE-MD5-DES", "-passout", "pass:x", "-provider", "legacy",
           "-provider", "default", "-out", file("old.pem")});
  refuses("old.pem", ErrorCode::kSignature,
          cannot_use("old.pem") + "it is encrypted in a way that OpenSSL does not offer",
          "encrypt it anew with \"openssl pkcs8 -topk8 -v2 aes-256-cbc\"", answers("x"));
}

TEST_F(KeyFile, RefusesAFileThatOthersMayRead) {
  create_key(file("a.pem"), KeyType::kEd25519, "").value();
  for (const auto mode : {0640, 0604, 0620, 0601, 0666}) {
    fs::permissions(file("a.pem"), static_cast<fs::perms>(mode));
    refuses("a.pem", ErrorCode::kEnvironment, cannot_use("a.pem") + "other users may read or change it",
            "chmod 600 \"" + file("a.pem").string() + "\", and make another if anybody has read this one");
  }
  for (const auto mode : {0600, 0400}) {
    fs::permissions(file("a.pem"), static_cast<fs::perms>(mode));
    EXPECT_TRUE(open_signer(file("a.pem"), never_asked())) << mode;
  }
}

TEST_F(KeyFile, RefusesWhatIsNoPrivateKey) {
  create_key(file("a.pem"), KeyType::kEd25519, "").value();
  const std::string no_pem =
      "it is not PKCS#8 PEM, which begins with \"-----BEGIN PRIVATE KEY-----\" or \"-----BEGIN ENCRYPTED PRIVATE "
      "KEY-----\"";
  const std::string topk8 = "turn it into that with \"openssl pkcs8 -topk8\"";
  put("empty", "");
  put("public", read_file(file("a.pub"), 1000).value());
  openssl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file("traditional")});
  fs::permissions(file("traditional"), static_cast<fs::perms>(0600));
  for (const auto* name : {"empty", "public", "traditional"}) {
    refuses(name, ErrorCode::kSignature, cannot_use(name) + no_pem, topk8);
  }
  const auto text = read_file(file("a.pem"), 1000).value();
  put("cut", text.substr(0, 60));
  put("cut-encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n");
  for (const auto* name : {"cut", "cut-encrypted"}) {
    refuses(name, ErrorCode::kSignature, cannot_use(name) + "it is not a PKCS#8 key that OpenSSL reads",
            "look at it with \"openssl pkey -noout -text\"");
  }
  put("large", text + std::string(70000, '\n'));
  refuses("large", ErrorCode::kSignature, cannot_use("large") + "it is larger than 64 KiB",
          "name a file that holds a PKCS#8 key");
  fs::create_directory(file("folder"));
  fs::permissions(file("folder"), static_cast<fs::perms>(0700));
  refuses("folder", ErrorCode::kEnvironment, cannot_use("folder") + "it is not a regular file", "name the file itself");
}

TEST_F(KeyFile, RefusesOtherAlgorithms) {
  openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", file("p384.pem")});
  openssl({"genpkey", "-algorithm", "x25519", "-out", file("x25519.pem")});
  for (const auto* name : {"p384.pem", "x25519.pem"}) {
    refuses(name, ErrorCode::kSignature,
            "cannot use the public key \"" + file(name).string() +
                "\": it is neither an Ed25519 key nor one of ECDSA on P-256",
            "Ed25519 and ECDSA P-256 keys are taken, as \"openssl pkey -pubout\" writes them");
  }
}

TEST_F(KeyFile, SaysThatAFileIsMissing) {
  refuses("none.pem", ErrorCode::kMissing,
          "cannot open \"" + file("none.pem").string() + "\": No such file or directory", "");
}

}  // namespace
}  // namespace reburst::signing
