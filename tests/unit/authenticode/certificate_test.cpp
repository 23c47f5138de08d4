#include "signing/authenticode/certificate.hpp"

#include "core/text.hpp"
#include "tests/unit/authenticode/support.hpp"

namespace reburst::authenticode {
namespace {

class CertificateTest : public Keys {
 protected:
  static void refuses(std::string_view text, const std::string& why) {
    refused(Certificate::parse(text, "db.crt"), ErrorCode::kSignature, "cannot use the certificate \"db.crt\": " + why,
            "firmware takes X.509 certificates of RSA keys; \"reburst key create --secure-boot\" makes some");
  }
};

TEST_F(CertificateTest, PemAndDerAreTheSame) {
  const auto pem = certificate("ours");
  tool({"openssl", "x509", "-in", path("ours", ".crt"), "-outform", "DER", "-out", path("ours", ".cer")});
  const auto der = Certificate::parse(get("ours.cer"), "ours").value();
  EXPECT_EQ(pem.der(), der.der());
  EXPECT_EQ(der.pem(), get("ours.crt"));
  EXPECT_EQ(pem.subject(), "CN=ours");
  const auto shown = tool({"openssl", "x509", "-in", path("ours", ".crt"), "-noout", "-fingerprint", "-sha256"});
  std::string digits(trim(shown.substr(shown.find('=') + 1)));
  std::erase(digits, ':');
  EXPECT_EQ(Digest::parse(digits), pem.fingerprint());
}

TEST_F(CertificateTest, OnlyWholeCertificatesOfRsaKeysAreTaken) {
  refuses("", "it is not an X.509 certificate in PEM or DER");
  refuses("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
          "it is not an X.509 certificate in PEM or DER");
  refuses(certificate("ours").der() + "x", "it is not an X.509 certificate in PEM or DER");
  refuses(std::string(65537, 'x'), "it is larger than 64 KiB");
  tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
        path("curve", ".key"), "-out", path("curve", ".crt"), "-subj", "/CN=curve"});
  refuses(get("curve.crt"), "its key is not RSA of 2048 to 4096 bits");
  tool({"openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", path("short", ".key"), "-out",
        path("short", ".crt"), "-subj", "/CN=short"});
  refuses(get("short.crt"), "its key is not RSA of 2048 to 4096 bits");
}

TEST_F(CertificateTest, VerifiesItsOwnKeysSignaturesOnly) {
  const auto signature = signer("ours")("hello").value();
  EXPECT_TRUE(certificate("ours").verify("hello", signature));
  EXPECT_FALSE(certificate("ours").verify("Hello", signature));
  EXPECT_FALSE(certificate("other").verify("hello", signature));
  EXPECT_FALSE(certificate("ours").verify("hello", ""));
}

}  // namespace
}  // namespace reburst::authenticode
