#include "signing/firmware/authenticated_variable.hpp"

#include "signing/authenticode/signed_data.hpp"

namespace reburst::firmware {

namespace {

constexpr Guid kPkcs7 = guid("4aafd29d-68df-49ee-8aa9-347d375665a7");  // EFI_CERT_TYPE_PKCS7_GUID
constexpr std::size_t kCertificateHeader = 24;                         // WIN_CERTIFICATE_UEFI_GUID
constexpr std::uint32_t kRevisionAndType = 0x0ef1'0200U;               // WIN_CERT_TYPE_EFI_GUID

}  // namespace

Guid vendor_of(std::string_view name) {
  return name == "db" || name == "dbx" ? kImageSecurityDatabase : kGlobalVariable;
}

Result<std::string> authenticated_variable(std::string_view name, std::uint32_t attributes, std::string_view lists,
                                           Epoch time, const FirmwareKey& key) {
  const auto stamp = efi_time(time);
  const auto message =
      utf16(name) + bytes_of(vendor_of(name)) + little_endian(attributes, 4) + stamp + std::string(lists);
  const auto data = REBURST_TRY(authenticode::sign_detached(message, key.certificate(), key));
  return stamp + little_endian(kCertificateHeader + data.size(), 4) + little_endian(kRevisionAndType, 4) +
         bytes_of(kPkcs7) + data + std::string(lists);
}

}  // namespace reburst::firmware
