#include <cstdlib>

#include "signing/sign/key_folder.hpp"
#include "tests/unit/signing/support.hpp"

namespace reburst::signing {
namespace {

const std::string kModule = "/usr/lib/softhsm/libsofthsm2.so";

// Two SoftHSM2 tokens with P-256 keys that OpenSSL's program made. One folder for all tests: a module is started once
// for a process, and reads then where its tokens are.
class Token : public FolderTest {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(fs::exists(kModule)) << "needs softhsm2";
    ASSERT_TRUE(tokens_);
    const auto store = tokens_->path() / "store";
    fs::create_directory(store);
    const std::string settings = "directories.tokendir = " + store.string() + "\nlog.level = ERROR\n";
    ASSERT_TRUE(write_file_atomic(conf(), settings));
    // The module reads it from the environment of this process, in which no other thread runs yet.
    ::setenv("SOFTHSM2_CONF", conf().c_str(), 1);
    for (const auto* label : {"release", "other"}) {
      softhsm({"--init-token", "--free", "--label", label, "--pin", "12345", "--so-pin", "54321"});
    }
    import("release", "web", "A1");
    import("release", "mail", "A2");
    import("other", "web", "A1");
  }

  static fs::path conf() { return tokens_->path() / "softhsm2.conf"; }
  static fs::path pem(const std::string& token, const std::string& label) {
    return tokens_->path() / (token + "-" + label + ".pem");
  }

  static void softhsm(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "softhsm2-util");
    Command command{.argv = arguments, .merge_output = true, .timeout_seconds = 60};
    command.environment.push_back("SOFTHSM2_CONF=" + conf().string());
    const auto exit = run(command).value();
    ASSERT_EQ(exit.status, 0) << exit.out;
  }

  static void import(const std::string& token, const std::string& label, const std::string& id) {
    const auto file = pem(token, label).string();
    openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file});
    softhsm({"--import", file, "--token", token, "--label", label, "--id", id, "--pin", "12345"});
  }

  static PublicKey imported(const std::string& label) {
    return PublicKey::from_pem(openssl({"pkey", "-in", pem("release", label), "-pubout"}), label).value();
  }

  void refuses(const Result<std::unique_ptr<Signer>>& signer, ErrorCode code, const std::string& message,
               const std::string& hint) {
    ASSERT_FALSE(signer) << message;
    EXPECT_EQ(signer.error().code, code);
    EXPECT_EQ(signer.error().message, message);
    EXPECT_EQ(signer.error().hint, hint);
  }

  const std::string web_ = "pkcs11:token=release;object=web";
  const std::string other_ = "pkcs11:token=other;object=web";

 private:
  static inline Result<TempDirectory> tokens_ = TempDirectory::make("/tmp", "token-test");
};

TEST_F(Token, SignsWhatOpensslVerifies) {
  const auto signer = open_signer(web_ + "?pin-value=12345&module-path=" + kModule, never_asked());
  ASSERT_TRUE(signer) << signer.error().render();
  const auto key = imported("web");
  EXPECT_EQ((*signer)->public_key(), key);
  const auto signature = (*signer)->sign("hello").value();
  EXPECT_TRUE(key.verify("hello", signature));
  put("web.pub", key.pem());
  put("message", "hello");
  put("signature", signature);
  EXPECT_EQ(openssl({"dgst", "-sha256", "-verify", file("web.pub"), "-signature", file("signature"), file("message")}),
            "Verified OK\n");
}

TEST_F(Token, AsksForThePinWhenTheUriHasNone) {
  std::string asked;
  const auto ask = [&](std::string_view what) -> Result<std::string> {
    asked = what;
    return std::string("12345");
  };
  const auto signer = open_signer(web_, ask, kModule);
  ASSERT_TRUE(signer) << signer.error().render();
  EXPECT_EQ(asked, web_);
  EXPECT_TRUE((*signer)->sign("x"));
}

// One key's end is not another's.
TEST_F(Token, KeepsSeveralKeysApart) {
  auto web = open_signer(web_, answers("12345"), kModule).value();
  auto mail = open_signer("pkcs11:token=release;object=mail", answers("12345"), kModule).value();
  EXPECT_EQ(web->public_key(), imported("web"));
  EXPECT_EQ(mail->public_key(), imported("mail"));
  EXPECT_TRUE(web->sign("x"));
  web.reset();
  EXPECT_TRUE(mail->sign("x"));
  web = open_signer(web_, answers("12345"), kModule).value();
  mail.reset();
  EXPECT_TRUE(web->sign("x"));
}

TEST_F(Token, BelongsToARole) {
  auto folder = create_development_keys(file("keys")).value();
  folder.pkcs11_module = kModule;
  folder.roles["web-stable"] = {.threshold = 2, .keys = {web_, "release.pem"}, .expires_days = 90};
  ASSERT_TRUE(write_key_folder(folder));
  folder = read_key_folder(file("keys")).value();
  const auto& setup = role_setup(folder, "web-stable");
  const auto keys = public_keys(folder, setup, answers("12345"));
  ASSERT_TRUE(keys) << keys.error().render();
  EXPECT_EQ(keys->at(0), imported("web"));
  const auto able = signers(folder, setup, answers("12345"));
  ASSERT_TRUE(able) << able.error().render();
  EXPECT_EQ(able->size(), 2U);
}

TEST_F(Token, SaysThatAPinIsWrong) {
  const std::string message = "cannot log in to the token of \"" + other_ + "\": PIN incorrect";
  const std::string hint = "a token locks itself after a few wrong PINs";
  refuses(open_signer(other_, answers("99999"), kModule), ErrorCode::kUsage, message, hint);
  refuses(open_signer(other_ + "?pin-value=99999", never_asked(), kModule), ErrorCode::kUsage, message, hint);
  // The next one is asked anew.
  EXPECT_TRUE(open_signer(other_, answers("12345"), kModule));
}

TEST_F(Token, SaysThatThereIsNoSuchKey) {
  for (const auto* uri : {"pkcs11:token=release;object=none", "pkcs11:token=none;object=web"}) {
    refuses(open_signer(uri, answers("12345"), kModule), ErrorCode::kMissing,
            "cannot find the private key \"" + std::string(uri) + "\" on its token",
            "list what there is with \"p11tool --list-all\" or \"pkcs11-tool -O\"");
  }
}

TEST_F(Token, SaysThatAModuleIsNone) {
  const auto refused = [&](const std::string& module, const std::string& why) {
    refuses(open_signer(web_ + "?module-path=" + module, answers("12345")), ErrorCode::kEnvironment,
            "cannot start the PKCS#11 module \"" + module + "\": " + why,
            "name the module of the token with module-path in its URI");
  };
  refused("/nonexistent.so", "/nonexistent.so: cannot open shared object file: No such file or directory");
  refused("libcrypto.so.3", "it has no C_GetFunctionList");
  // A module that does not start keeps no other from starting; one that did is never taken for another.
  EXPECT_TRUE(open_signer(web_, answers("12345"), kModule));
  refused("p11-kit-proxy.so", "another one is at work in this process");
  EXPECT_TRUE(open_signer(web_ + "?module-path=/usr/lib/softhsm/../softhsm/libsofthsm2.so", answers("12345")));
}

TEST_F(Token, PassesOnThatThereIsNoPin) {
  refuses(open_signer(
              web_, [](std::string_view) -> Result<std::string> { return fail(ErrorCode::kUsage, "no terminal"); },
              kModule),
          ErrorCode::kUsage, "no terminal", "");
}

}  // namespace
}  // namespace reburst::signing
