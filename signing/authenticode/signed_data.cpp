#include "signing/authenticode/signed_data.hpp"

#include "core/digest.hpp"
#include "signing/authenticode/der.hpp"

namespace reburst::authenticode {

namespace {

using namespace std::string_view_literals;

constexpr auto kVersion1 = "\x02\x01\x01"sv;
constexpr auto kSha256 = "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"sv;  // with NULL
constexpr auto kRsa = "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"sv;     // rsaEncryption
constexpr auto kPkcs7Data = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"sv;               // 1.2.840.113549.1.7.1
constexpr auto kContentType = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"sv;             // 1.2.840.113549.1.9.3
constexpr auto kMessageDigest = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"sv;           // 1.2.840.113549.1.9.4

std::string_view text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

Result<std::string> checked(std::string_view message, const Certificate& certificate, const SignBytes& sign) {
  auto signature = REBURST_TRY(sign(message));
  if (certificate.verify(message, signature)) return signature;
  return fail(ErrorCode::kSignature,
              "the signature does not verify with the certificate \"" + certificate.subject() + "\"",
              "key and certificate must be a pair");
}

// `attributes`: the content of [0], or empty.
std::string signed_data(std::string_view content_info, std::string_view attributes, std::string_view signature,
                        const Certificate& certificate) {
  const auto authenticated = attributes.empty() ? std::string() : der::element(der::constructed(0), attributes);
  const auto signer = der::element(der::kSequence, {kVersion1, certificate.issuer_and_serial(), kSha256, authenticated,
                                                    kRsa, der::element(der::kOctetString, signature)});
  return der::element(der::kSequence,
                      {kVersion1, der::element(der::kSet, kSha256), content_info,
                       der::element(der::constructed(0), certificate.der()), der::element(der::kSet, signer)});
}

}  // namespace

Result<std::string> sign_content(std::string_view object, std::string_view content, const Certificate& certificate,
                                 const SignBytes& sign) {
  // What is digested is the content without its own tag and length (RFC 2315, 9.3).
  std::string_view rest = content;
  const auto inner = der::take(rest, der::kSequence).value_or(std::string_view());
  const auto digest = der::element(der::kOctetString, text(sha256(inner)));
  // In the order that DER wants of a SET: the shorter one first.
  const std::string attributes = der::element(der::kSequence, {kContentType, der::element(der::kSet, object)}) +
                                 der::element(der::kSequence, {kMessageDigest, der::element(der::kSet, digest)});
  const auto signature = REBURST_TRY(checked(der::element(der::kSet, attributes), certificate, sign));
  const auto info = der::element(der::kSequence, {object, der::element(der::constructed(0), content)});
  return signed_data(info, attributes, signature, certificate);
}

Result<std::string> sign_detached(std::string_view message, const Certificate& certificate, const SignBytes& sign) {
  const auto signature = REBURST_TRY(checked(message, certificate, sign));
  return signed_data(der::element(der::kSequence, kPkcs7Data), {}, signature, certificate);
}

}  // namespace reburst::authenticode
