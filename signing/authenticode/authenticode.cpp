#include "signing/authenticode/authenticode.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include <optional>

#include "core/handle.hpp"
#include "signing/authenticode/der.hpp"
#include "signing/authenticode/pe.hpp"

namespace reburst::authenticode {

namespace {

using namespace std::string_view_literals;

// 1.3.6.1.4.1.311.2.1.4
constexpr auto kIndirectData = "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"sv;
// SpcAttributeTypeAndOptionalValue: SPC_PE_IMAGE_DATAOBJ, no flags, and the file name that the format demands and calls
// obsolete itself.
constexpr auto kImageData =
    "\x30\x33\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0f\x30\x25\x03\x01\x00\xa0\x20\xa2\x1e\x80\x1c"
    "\0<\0<\0<\0O\0b\0s\0o\0l\0e\0t\0e\0>\0>\0>"sv;
constexpr auto kSha256 = "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"sv;
constexpr auto kSignedData = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv;  // 1.2.840.113549.1.7.2

constexpr std::size_t kCertificateHeader = 8;             // WIN_CERTIFICATE
constexpr std::uint32_t kRevisionAndType = 0x0002'0200U;  // WIN_CERT_REVISION_2_0, WIN_CERT_TYPE_PKCS_SIGNED_DATA
constexpr std::size_t kUnit = 8;                          // certificates start at multiples of it
constexpr std::size_t kMaxSignatures = 64;

using Pkcs7 = Handle<PKCS7, &PKCS7_free>;
using Bio = Handle<BIO, &BIO_free>;
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

Digest digest_of(std::string_view program, const Layout& layout) {
  Hasher hasher;
  hasher.update(program.substr(0, layout.checksum));
  hasher.update(program.substr(layout.checksum + 4, layout.directory - layout.checksum - 4));
  hasher.update(program.substr(layout.directory + 8, layout.certificates - layout.directory - 8));
  return hasher.finish();
}

std::string_view text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

std::string indirect_data(const Digest& digest) {
  const auto info = der::element(der::kSequence, {kSha256, der::element(der::kOctetString, text(digest))});
  return der::element(der::kSequence, {kImageData, info});
}

// The content of the SpcIndirectDataContent `content`, without its tag, when that names `digest`.
std::optional<std::string_view> content_with(std::string_view content, const Digest& digest) {
  const auto inner = der::take(content, der::kSequence);
  if (!inner || !content.empty()) return std::nullopt;
  std::string_view rest = *inner;
  const auto data = der::take(rest, der::kSequence);
  auto info = der::take(rest, der::kSequence);
  if (!data || !info || !rest.empty()) return std::nullopt;
  auto algorithm = der::take(*info, der::kSequence);
  const auto value = der::take(*info, der::kOctetString);
  if (!algorithm || !value || !info->empty()) return std::nullopt;
  // Some signers leave out the NULL after the algorithm's name.
  if (!kSha256.substr(2).starts_with(*algorithm) || algorithm->size() < kSha256.size() - 4) return std::nullopt;
  if (*value != text(digest)) return std::nullopt;
  return inner;
}

// SHA-256 and the content's type, both of which OpenSSL would leave to the signer.
bool has_our_shape(const PKCS7* signature, PKCS7_SIGNER_INFO* signer) {
  const auto* digest = signer->digest_alg == nullptr ? nullptr : signer->digest_alg->algorithm;
  if (digest == nullptr || OBJ_obj2nid(digest) != NID_sha256) return false;
  const auto* type = PKCS7_get_signed_attribute(signer, NID_pkcs9_contentType);
  return type != nullptr && type->type == V_ASN1_OBJECT &&
         OBJ_cmp(type->value.object, signature->d.sign->contents->type) == 0;
}

// The signed SpcIndirectDataContent of a PKCS#7 with one signer; nothing when it holds something else.
std::optional<std::string_view> signed_content(const PKCS7* signature) {
  if (!PKCS7_type_is_signed(signature) || signature->d.sign == nullptr) return std::nullopt;
  const auto* contents = signature->d.sign->contents;
  if (contents == nullptr || contents->type == nullptr || contents->d.other == nullptr) return std::nullopt;
  const auto* object = OBJ_get0_data(contents->type);
  const std::string_view type(reinterpret_cast<const char*>(object), OBJ_length(contents->type));
  if (type != kIndirectData.substr(2) || contents->d.other->type != V_ASN1_SEQUENCE) return std::nullopt;
  const auto* value = contents->d.other->value.sequence;
  return std::string_view(reinterpret_cast<const char*>(value->data), static_cast<std::size_t>(value->length));
}

bool signed_by(std::string_view bytes, const Digest& digest, const Certificate& certificate) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const Pkcs7 signature(d2i_PKCS7(nullptr, &at, static_cast<long>(bytes.size())));
  if (!signature || at != reinterpret_cast<const unsigned char*>(bytes.data()) + bytes.size()) return false;
  const auto whole = signed_content(signature.get());
  const auto content = whole ? content_with(*whole, digest) : std::nullopt;
  auto* signers = content ? PKCS7_get_signer_info(signature.get()) : nullptr;
  if (signers == nullptr || sk_PKCS7_SIGNER_INFO_num(signers) != 1) return false;
  if (!has_our_shape(signature.get(), sk_PKCS7_SIGNER_INFO_value(signers, 0))) return false;
  const Stack certificates(sk_X509_new_null());
  if (!certificates || sk_X509_push(certificates.get(), certificate.native()) == 0) return false;
  const Bio data(BIO_new_mem_buf(content->data(), static_cast<int>(content->size())));
  // No chain: the certificate is the one that is trusted, and the one inside the signature is not looked at.
  return data && PKCS7_verify(signature.get(), certificates.get(), nullptr, data.get(), nullptr,
                              PKCS7_NOINTERN | PKCS7_NOVERIFY | PKCS7_BINARY) == 1;
}

Result<std::vector<std::string_view>> certificate_table(std::string_view program, const Layout& layout,
                                                        std::string_view name) {
  std::vector<std::string_view> out;
  std::string_view rest = program.substr(layout.certificates);
  while (!rest.empty()) {
    const std::size_t size = rest.size() < kCertificateHeader ? 0 : number(rest, 0, 4);
    if (size <= kCertificateHeader || size > rest.size() || out.size() == kMaxSignatures ||
        number(rest, 4, 4) != kRevisionAndType) {
      return fail(ErrorCode::kIntegrity,
                  "cannot read \"" + std::string(name) + "\" as a boot program: its signatures are malformed",
                  "build the image again");
    }
    out.push_back(rest.substr(kCertificateHeader, size - kCertificateHeader));
    rest.remove_prefix(std::min(rest.size(), (size + kUnit - 1) / kUnit * kUnit));
  }
  return out;
}

// The signature without the zeros that may fill it up.
std::string_view without_padding(std::string_view signature) {
  std::string_view rest = signature;
  if (!der::take(rest, der::kSequence) || rest.size() >= kUnit || rest.find_first_not_of('\0') != rest.npos)
    return signature;
  return signature.substr(0, signature.size() - rest.size());
}

}  // namespace

Result<Digest> image_digest(std::string_view program, std::string_view name) {
  return digest_of(program, REBURST_TRY(read_layout(program, name)));
}

Result<std::vector<std::string>> read_signatures(std::string_view program, std::string_view name) {
  const Layout layout = REBURST_TRY(read_layout(program, name));
  std::vector<std::string> out;
  for (const auto entry : REBURST_TRY(certificate_table(program, layout, name)))
    out.emplace_back(without_padding(entry));
  return out;
}

Result<> verify_program(std::string_view program, const Certificate& certificate, std::string_view name) {
  const Layout layout = REBURST_TRY(read_layout(program, name));
  const auto signatures = REBURST_TRY(read_signatures(program, name));
  const Digest digest = digest_of(program, layout);
  bool good = false;
  for (const auto& signature : signatures) good = good || signed_by(signature, digest, certificate);
  ERR_clear_error();
  if (good) return {};
  return fail(ErrorCode::kSignature,
              "the boot program \"" + std::string(name) + "\" is not signed by \"" + certificate.subject() +
                  "\": " + (signatures.empty() ? "it has no signature" : "no signature of it verifies"),
              "build the image again with that key, or name the certificate that belongs to it");
}

Result<std::string> sign_program(std::string program, const Certificate& certificate, const SignBytes& sign,
                                 std::string_view name) {
  program.resize((program.size() + kUnit - 1) / kUnit * kUnit, '\0');
  const Layout layout = REBURST_TRY(read_layout(program, name));
  if (layout.certificates != program.size()) {
    return fail(ErrorCode::kUsage, "cannot sign \"" + std::string(name) + "\": it is signed already",
                "sign the program as it was before");
  }
  const auto content = indirect_data(digest_of(program, layout));
  const auto data = REBURST_TRY(sign_content(kIndirectData, content, certificate, sign));
  const auto signature = der::element(der::kSequence, {kSignedData, der::element(der::constructed(0), data)});
  std::string entry(kCertificateHeader, '\0');
  put_number(entry, 0, static_cast<std::uint32_t>(kCertificateHeader + signature.size()));
  put_number(entry, 4, kRevisionAndType);
  entry += signature;
  entry.resize((entry.size() + kUnit - 1) / kUnit * kUnit, '\0');
  put_number(program, layout.directory, static_cast<std::uint32_t>(program.size()));
  put_number(program, layout.directory + 4, static_cast<std::uint32_t>(entry.size()));
  program += entry;
  put_number(program, layout.checksum, checksum(program, layout));
  REBURST_TRY(verify_program(program, certificate, name));
  return program;
}

}  // namespace reburst::authenticode
