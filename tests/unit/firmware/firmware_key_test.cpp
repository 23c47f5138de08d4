#include "signing/firmware/firmware_key.hpp"

#include <cstdlib>

#include "tests/unit/firmware/support.hpp"

namespace reburst::firmware {
namespace {

const std::string kModule = "/usr/lib/softhsm/libsofthsm2.so";

class FirmwareKeyTest : public KeySet {};

TEST_F(FirmwareKeyTest, IsRsaOf2048BitsWithACertificateThatItSigned) {
  const auto shown = tool({"openssl", "x509", "-in", (keys() / "db.crt").string(), "-noout", "-text"});
  for (const auto* text :
       {"CN = Test Secure Boot db", "Public-Key: (2048 bit)", "sha256WithRSAEncryption", "CA:FALSE",
        "Digital Signature", "Not Before: Jul 11 10:17:57 2026 GMT", "Not After : Jul  6 10:17:57 2046 GMT"}) {
    EXPECT_THAT(shown, testing::HasSubstr(text));
  }
  tool({"openssl", "verify", "-CAfile", (keys() / "db.crt").string(), "-attime", "1800000000", "-partial_chain",
        (keys() / "db.crt").string()});
}

TEST_F(FirmwareKeyTest, SignsTheSameEveryTime) {
  const auto db = key("db");
  const auto signature = db("hello").value();
  EXPECT_EQ(signature, db("hello").value());
  EXPECT_TRUE(certificate("db").verify("hello", signature));
  EXPECT_FALSE(certificate("KEK").verify("hello", signature));
}

TEST_F(FirmwareKeyTest, ForeignFilesServe) {
  tool({"openssl", "req", "-x509", "-newkey", "rsa:3072", "-passout", "pass:secret", "-keyout",
        file("own.key").string(), "-out", file("own.crt").string(), "-subj", "/CN=own", "-days", "100"});
  tool({"chmod", "600", file("own.key").string()});
  const auto own =
      FirmwareKey::open(file("own.key").string(), read_certificate(file("own.crt")).value(), answers("secret"), {});
  ASSERT_TRUE(own) << own.error().render();
  EXPECT_TRUE(own->certificate().verify("hello", (*own)("hello").value()));
  refused(FirmwareKey::open(file("own.key").string(), read_certificate(file("own.crt")).value(), answers("wrong"), {}),
          ErrorCode::kUsage, "the passphrase of the private key \"" + file("own.key").string() + "\" is wrong",
          "try again");
}

TEST_F(FirmwareKeyTest, KeyAndCertificateMustBeAPair) {
  const auto path = (keys() / "KEK.pem").string();
  refused(FirmwareKey::open(path, certificate("db"), never_asked(), {}), ErrorCode::kSignature,
          "the private key \"" + path + "\" does not belong to the certificate \"CN=Test Secure Boot db\"",
          "name the key and the certificate that were made together");
}

TEST_F(FirmwareKeyTest, RsaSignsNothingElse) {
  const auto path = (keys() / "db.pem").string();
  const auto signer = signing::open_signer(path, never_asked());
  refused(signer, ErrorCode::kSignature,
          "cannot use the public key \"" + path + "\": it is neither an Ed25519 key nor one of ECDSA on P-256",
          "Ed25519 and ECDSA P-256 keys are taken, as \"openssl pkey -pubout\" writes them");
}

TEST_F(FirmwareKeyTest, OfATokenSignsTheSame) {
  ASSERT_TRUE(fs::exists(kModule)) << "needs softhsm2";
  fs::create_directory(file("store"));
  const auto settings =
      put("softhsm2.conf", "directories.tokendir = " + file("store").string() + "\nlog.level = ERROR\n");
  ::setenv("SOFTHSM2_CONF", settings.c_str(), 1);  // no other thread runs yet
  const auto softhsm = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"env", "SOFTHSM2_CONF=" + settings, "softhsm2-util"});
    tool(std::move(arguments));
  };
  softhsm({"--init-token", "--free", "--label", "boot", "--pin", "12345", "--so-pin", "54321"});
  softhsm(
      {"--import", (keys() / "db.pem").string(), "--token", "boot", "--label", "db", "--id", "A1", "--pin", "12345"});
  const auto token = FirmwareKey::open("pkcs11:token=boot;object=db?pin-value=12345&module-path=" + kModule,
                                       certificate("db"), never_asked(), {});
  ASSERT_TRUE(token) << token.error().render();
  EXPECT_EQ((*token)("hello").value(), key("db")("hello").value());
}

}  // namespace
}  // namespace reburst::firmware
