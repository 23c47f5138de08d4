#include "signing/firmware/signature_list.hpp"

#include <algorithm>

namespace reburst::firmware {

namespace {

constexpr Guid kX509 = guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");    // EFI_CERT_X509_GUID
constexpr Guid kSha256 = guid("c1c41626-504c-4092-aca9-41f936934328");  // EFI_CERT_SHA256_GUID
constexpr std::size_t kHeader = 28;

// `entries`: each an owner and `size` bytes.
std::string list(const Guid& type, const std::string& entries, std::size_t size) {
  return bytes_of(type) + little_endian(kHeader + entries.size(), 4) + little_endian(0, 4) +
         little_endian(sizeof(Guid) + size, 4) + entries;
}

}  // namespace

Guid owner_of(const authenticode::Certificate& platform_key) {
  Guid out{};
  std::copy_n(platform_key.fingerprint().bytes.begin(), out.size(), out.begin());
  // RFC 9562, version 8, in the byte order of an EFI_GUID.
  out[7] = static_cast<std::uint8_t>((out[7] & 0x0fU) | 0x80U);
  out[8] = static_cast<std::uint8_t>((out[8] & 0x3fU) | 0x80U);
  return out;
}

std::string certificate_list(const authenticode::Certificate& certificate, const Guid& owner) {
  return list(kX509, bytes_of(owner) + certificate.der(), certificate.der().size());
}

std::string digest_list(std::span<const Digest> programs, const Guid& owner) {
  std::string entries;
  for (const auto& program : programs)
    entries += bytes_of(owner) + std::string(reinterpret_cast<const char*>(program.bytes.data()), program.bytes.size());
  return entries.empty() ? entries : list(kSha256, entries, sizeof(Digest));
}

}  // namespace reburst::firmware
