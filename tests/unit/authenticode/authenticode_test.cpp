#include "signing/authenticode/authenticode.hpp"

#include "signing/authenticode/der.hpp"
#include "tests/unit/authenticode/support.hpp"

namespace reburst::authenticode {
namespace {

using namespace std::string_view_literals;

constexpr auto kHint = "build the image again with that key, or name the certificate that belongs to it";

class Authenticode : public Keys {
 protected:
  static std::string signed_program() {
    return sign_program(good_program(), certificate("ours"), signer("ours"), "web.efi").value();
  }
  // `program`, which is not signed, with these bytes as its only signature.
  static std::string with_signature(std::string program, std::string_view signature) {
    std::string entry(8, '\0');
    put_number(entry, 0, static_cast<std::uint32_t>(8 + signature.size()));
    put_number(entry, 4, 0x00020200);
    entry += signature;
    entry.resize((entry.size() + 7) / 8 * 8, '\0');
    put_number(program, kTestDirectory, static_cast<std::uint32_t>(program.size()));
    put_number(program, kTestDirectory + 4, static_cast<std::uint32_t>(entry.size()));
    return program + entry;
  }
  static Exit sbverify(const std::string& who, std::string_view program) {
    return judge({"sbverify", "--cert", path(who, ".crt"), put("judged.efi", program)});
  }
  static void not_signed(std::string_view program, const std::string& why) {
    refused(verify_program(program, certificate("ours"), "web.efi"), ErrorCode::kSignature,
            "the boot program \"web.efi\" is not signed by \"CN=ours\": " + why, kHint);
  }
};

TEST_F(Authenticode, SbverifyAcceptsWhatWeSign) {
  const auto exit = sbverify("ours", signed_program());
  EXPECT_EQ(exit.status, 0) << exit.out;
  EXPECT_THAT(exit.out, testing::HasSubstr("Signature verification OK"));
}

TEST_F(Authenticode, SbverifyRefusesAnotherCertificateAndAFlippedByte) {
  auto program = signed_program();
  EXPECT_NE(sbverify("other", program).status, 0);
  program[1500] ^= 1;
  EXPECT_NE(sbverify("ours", program).status, 0);
}

TEST_F(Authenticode, WeAcceptWhatSbsignSigns) {
  tool({"sbsign", "--key", path("ours", ".key"), "--cert", path("ours", ".crt"), "--output", path("signed", ""),
        put("plain", good_program())});
  EXPECT_TRUE(verify_program(get("signed"), certificate("ours"), "signed"));
  EXPECT_EQ(image_digest(get("signed"), "signed").value(), image_digest(good_program(), "plain").value());
}

TEST_F(Authenticode, ASecondSignatureIsFound) {
  put("once", signed_program());
  tool({"sbsign", "--key", path("other", ".key"), "--cert", path("other", ".crt"), "--output", path("twice", ""),
        path("once", "")});
  const auto twice = get("twice");
  EXPECT_EQ(read_signatures(twice, "twice").value().size(), 2U);
  for (const auto* who : {"ours", "other"}) EXPECT_TRUE(verify_program(twice, certificate(who), "twice")) << who;
}

TEST_F(Authenticode, TheSameKeyAndBytesGiveTheSameBytes) {
  EXPECT_EQ(signed_program(), signed_program());
  const auto signatures = read_signatures(signed_program(), "web.efi").value();
  ASSERT_EQ(signatures.size(), 1U);
  const auto shown = tool({"openssl", "asn1parse", "-inform", "DER", "-in", put("p7", signatures[0])});
  EXPECT_THAT(shown, testing::Not(testing::HasSubstr("signingTime")));
  EXPECT_THAT(shown, testing::HasSubstr("messageDigest"));
}

TEST_F(Authenticode, TheDigestLeavesOutWhatTheFormatSays) {
  const auto plain = image_digest(good_program(), "plain").value();
  EXPECT_EQ(plain, image_digest(signed_program(), "signed").value());
  auto other = good_program();
  put_number(other, kTestChecksum, 12345);
  EXPECT_EQ(plain, image_digest(other, "plain").value());
  // What is hashed, said once more: everything but those two places.
  const auto whole = good_program();
  EXPECT_EQ(plain, sha256(whole.substr(0, kTestChecksum) +
                          whole.substr(kTestChecksum + 4, kTestDirectory - kTestChecksum - 4) +
                          whole.substr(kTestDirectory + 8)));
}

TEST_F(Authenticode, BytesAfterTheSectionsAreSignedToo) {
  auto program = sign_program(good_program() + "trailing", certificate("ours"), signer("ours"), "web.efi").value();
  EXPECT_EQ(sbverify("ours", program).status, 0);
  program[2561] ^= 1;
  not_signed(program, "no signature of it verifies");
  EXPECT_NE(sbverify("ours", program).status, 0);
}

TEST_F(Authenticode, AnOddSizeIsFilledUpWithZeros) {
  const auto program = sign_program(good_program() + "odd", certificate("ours"), signer("ours"), "web.efi").value();
  EXPECT_EQ(program.substr(2560, 8), "odd\0\0\0\0\0"sv);
  EXPECT_EQ(sbverify("ours", program).status, 0);
}

TEST_F(Authenticode, NoByteThatIsSignedCanChange) {
  const auto whole = signed_program();
  const auto key = certificate("ours");
  for (std::size_t i = 0; i < 2560; ++i) {
    if (i >= kTestChecksum && i < kTestChecksum + 4) continue;
    auto program = whole;
    program[i] ^= 0x10;
    EXPECT_FALSE(verify_program(program, key, "web.efi")) << "byte " << i;
  }
}

TEST_F(Authenticode, AppendedBytesAreRefused) {
  refused(verify_program(signed_program() + "12345678", certificate("ours"), "web.efi"), ErrorCode::kIntegrity,
          "cannot read \"web.efi\" as a boot program: its signatures are not at its end", "build the image again");
}

TEST_F(Authenticode, AnotherCertificateIsRefused) {
  refused(verify_program(signed_program(), certificate("other"), "web.efi"), ErrorCode::kSignature,
          "the boot program \"web.efi\" is not signed by \"CN=other\": no signature of it verifies", kHint);
}

TEST_F(Authenticode, NoSignatureIsRefused) {
  not_signed(good_program(), "it has no signature");
}

// A certificate of the same name and number, but of another key, inside the signature is not believed.
TEST_F(Authenticode, TheCertificateInsideIsNotBelieved) {
  tool({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path("twin", ".key"), "-out",
        path("twin", ".crt"), "-subj", "/CN=ours", "-days", "3000", "-set_serial",
        "0x" + tool({"openssl", "x509", "-in", path("ours", ".crt"), "-noout", "-serial"}).substr(7, 40)});
  const auto program = sign_program(good_program(), certificate("twin"), signer("twin"), "web.efi").value();
  not_signed(program, "no signature of it verifies");
}

TEST_F(Authenticode, ASignatureOfAnotherProgramIsRefused) {
  auto other = good_program();
  other[2000] ^= 1;
  const auto signature = read_signatures(signed_program(), "web.efi").value().at(0);
  not_signed(with_signature(other, signature), "no signature of it verifies");
}

TEST_F(Authenticode, ASignatureOfAnotherKindIsRefused) {
  const auto digest = image_digest(good_program(), "plain").value();
  const std::string value(reinterpret_cast<const char*>(digest.bytes.data()), 32);
  const auto sha256 = "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"sv;
  const auto info = der::element(der::kSequence, {sha256, der::element(der::kOctetString, value)});
  const auto content = der::element(der::kSequence, {der::element(der::kSequence, ""), info});
  const auto wrap = [](const std::string& data) {
    return der::element(der::kSequence,
                        {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv, der::element(der::constructed(0), data)});
  };
  const auto as = [&](std::string_view type, std::string_view what) {
    return with_signature(good_program(), wrap(sign_content(type, what, certificate("ours"), signer("ours")).value()));
  };
  constexpr auto kIndirect = "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"sv;
  constexpr auto kTimestamp = "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04"sv;
  EXPECT_TRUE(verify_program(as(kIndirect, content), certificate("ours"), "web.efi"));
  not_signed(as(kTimestamp, content), "no signature of it verifies");
  not_signed(as(kIndirect, der::element(der::kSequence, {info})), "no signature of it verifies");
  not_signed(as(kIndirect, der::element(der::kSequence, {der::element(der::kSequence, ""), info, info})),
             "no signature of it verifies");
  // Without the attributes that say what is signed.
  const auto bare = wrap(sign_detached(content, certificate("ours"), signer("ours")).value());
  not_signed(with_signature(good_program(), bare), "no signature of it verifies");
  not_signed(with_signature(good_program(), "no DER at all"), "no signature of it verifies");
}

TEST_F(Authenticode, ASignedProgramIsNotSignedAgain) {
  refused(sign_program(signed_program(), certificate("ours"), signer("ours"), "web.efi"), ErrorCode::kUsage,
          "cannot sign \"web.efi\": it is signed already", "sign the program as it was before");
}

TEST_F(Authenticode, AKeyThatIsNoPairWithTheCertificateIsNoticed) {
  refused(sign_program(good_program(), certificate("ours"), signer("other"), "web.efi"), ErrorCode::kSignature,
          "the signature does not verify with the certificate \"CN=ours\"", "key and certificate must be a pair");
}

TEST_F(Authenticode, AKeyThatFailsIsHeard) {
  const SignBytes broken = [](std::string_view) -> Result<std::string> { return fail(ErrorCode::kUsage, "no PIN"); };
  refused(sign_program(good_program(), certificate("ours"), broken, "web.efi"), ErrorCode::kUsage, "no PIN", "");
}

TEST_F(Authenticode, TheChecksumIsThatOfTheWholeProgram) {
  const auto program = signed_program();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < program.size(); i += 2) {
    if (i == kTestChecksum || i == kTestChecksum + 2) continue;
    sum += number(program, i, 2);
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  EXPECT_EQ(number(program, kTestChecksum, 4), sum + program.size());
}

TEST_F(Authenticode, AMalformedTableIsRefused) {
  const auto whole = signed_program();
  const auto refuse = [&](std::size_t at, std::uint32_t value) {
    auto program = whole;
    put_number(program, 2560 + at, value);
    refused(read_signatures(program, "web.efi"), ErrorCode::kIntegrity,
            "cannot read \"web.efi\" as a boot program: its signatures are malformed", "build the image again");
  };
  refuse(0, 0);
  refuse(0, 8);
  refuse(0, 0xffffffff);
  refuse(4, 0x00010200);
  refuse(4, 0x00020100);
}

}  // namespace
}  // namespace reburst::authenticode
