#include "signing/firmware/nvram.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "signing/authenticode/pe.hpp"
#include "signing/firmware/authenticated_variable.hpp"

namespace reburst::firmware {

namespace {

using authenticode::number;

constexpr std::string_view kBlank = "/usr/share/OVMF/OVMF_VARS_4M.fd";
constexpr std::size_t kMaxVolume = 16U << 20U;

// EFI_FIRMWARE_VOLUME_HEADER (PI 1.7, volume 3, 3.2.1) up to its block map.
constexpr std::size_t kVolumeGuid = 16, kVolumeSignature = 40, kVolumeHeaderSize = 48, kVolumeHeader = 72;
constexpr Guid kVariableVolume = guid("fff12b8d-7696-4c8b-a985-2747075b4f50");  // EFI_SYSTEM_NV_DATA_FV_GUID
// VARIABLE_STORE_HEADER of EDK2 (MdeModulePkg/Include/Guid/VariableFormat.h).
constexpr std::size_t kStoreSize = 16, kStoreFormat = 20, kStoreHeader = 28;
constexpr Guid kStore = guid("aaf32c78-947b-439a-a180-2e144ec37792");  // gEfiAuthenticatedVariableGuid
constexpr std::uint32_t kFormattedHealthy = 0xfe5a;
// AUTHENTICATED_VARIABLE_HEADER.
constexpr std::size_t kState = 2, kAttributes = 4, kTime = 16, kNameSize = 36, kDataSize = 40, kVendor = 44,
                      kHeader = 60, kUnit = 4;
constexpr std::uint32_t kStart = 0x55aa, kAdded = 0x3f, kInDeletedTransition = 0x3e;
constexpr char kErased = '\xff';

constexpr Guid kSecureBootEnable = guid("f0a30bc7-af08-4556-99c4-001009c93a44");  // gEfiSecureBootEnableDisableGuid

tl::unexpected<Error> malformed(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot use \"" + std::string(name) + "\" as a firmware's NVRAM: " + why,
              "take OVMF_VARS_4M.fd of the package ovmf");
}

// Where variables begin, and where they must end.
struct Store {
  std::size_t begin = 0, end = 0;
};

Result<Store> find_store(std::string_view volume, std::string_view name) {
  if (volume.size() < kVolumeHeader || volume.substr(kVolumeSignature, 4) != "_FVH" ||
      volume.substr(kVolumeGuid, sizeof(Guid)) != bytes_of(kVariableVolume)) {
    return malformed(name, "it is no volume of variables");
  }
  const std::size_t header = number(volume, kVolumeHeaderSize, 2);
  if (header < kVolumeHeader || header > volume.size() || volume.size() - header < kStoreHeader)
    return malformed(name, "its header is cut short");
  if (volume.substr(header, sizeof(Guid)) != bytes_of(kStore) ||
      number(volume, header + kStoreFormat, 2) != kFormattedHealthy) {
    return malformed(name, "it has no store of authenticated variables");
  }
  const std::size_t size = number(volume, header + kStoreSize, 4);
  if (size < kStoreHeader || size > volume.size() - header) return malformed(name, "its store runs over its end");
  return Store{header + kStoreHeader, header + size};
}

constexpr std::size_t aligned(std::size_t size) {
  return (size + kUnit - 1) / kUnit * kUnit;
}

std::string encode(const Variable& variable) {
  const auto name = utf16(variable.name) + std::string(2, '\0');
  std::string out = little_endian(kStart, 2) + little_endian(kAdded, 1) + little_endian(0, 1) +
                    little_endian(variable.attributes, 4) + little_endian(0, 8) +
                    (variable.time.empty() ? std::string(16, '\0') : variable.time) + little_endian(0, 4) +
                    little_endian(name.size(), 4) + little_endian(variable.data.size(), 4) + bytes_of(variable.vendor) +
                    name + variable.data;
  out.resize(aligned(out.size()), kErased);
  return out;
}

std::string ascii(std::string_view wide) {
  std::string out;
  for (std::size_t i = 0; i + 2 < wide.size(); i += 2) out += wide[i];
  return out;
}

Variable decode(std::string_view header, std::string_view name, std::string_view data) {
  Variable out{
      .name = ascii(name), .attributes = number(header, kAttributes, 4), .time = {}, .data = std::string(data)};
  if ((out.attributes & kTimeBased) != 0) out.time = std::string(header.substr(kTime, 16));
  for (std::size_t i = 0; i < out.vendor.size(); ++i) out.vendor[i] = static_cast<std::uint8_t>(header[kVendor + i]);
  return out;
}

std::vector<Variable> variables_of(const Enrolment& enrolment) {
  std::vector<Variable> out;
  const auto add = [&](const char* name, const std::string& lists) {
    if (!lists.empty()) out.push_back({name, vendor_of(name), kKeyAttributes, efi_time(enrolment.time), lists});
  };
  add("db", enrolment.allowed);
  add("dbx", enrolment.revoked);
  add("KEK", enrolment.exchange_keys);
  add("PK", enrolment.platform_key);
  out.push_back({"SecureBootEnable", kSecureBootEnable, kNonVolatile | kBootService, {}, std::string(1, '\1')});
  return out;
}

}  // namespace

Result<std::vector<Variable>> read_nvram(std::string_view volume, std::string_view name) {
  const Store store = REBURST_TRY(find_store(volume, name));
  std::vector<Variable> out;
  std::size_t at = store.begin;
  while (store.end - at >= kHeader && number(volume, at, 2) == kStart) {
    const auto header = volume.substr(at, kHeader);
    const std::uint64_t name_size = number(header, kNameSize, 4), data_size = number(header, kDataSize, 4);
    if (name_size + data_size > store.end - at - kHeader) return malformed(name, "a variable runs over its end");
    const auto content = volume.substr(at + kHeader, name_size + data_size);
    const auto state = number(header, kState, 1);
    if (state == kAdded || state == kInDeletedTransition)
      out.push_back(decode(header, content.substr(0, name_size), content.substr(name_size)));
    at = std::min(store.end, at + aligned(kHeader + content.size()));
  }
  return out;
}

Result<std::string> make_nvram(std::string_view blank, const Enrolment& enrolment, std::string_view name) {
  const Store store = REBURST_TRY(find_store(blank, name));
  if (blank.substr(store.begin, store.end - store.begin).find_first_not_of(kErased) != std::string_view::npos)
    return malformed(name, "it holds variables already");
  std::string out(blank);
  std::size_t at = store.begin;
  for (const auto& variable : variables_of(enrolment)) {
    const auto bytes = encode(variable);
    if (bytes.size() > store.end - at) {
      return fail(ErrorCode::kUsage, "cannot make a firmware's NVRAM: \"" + variable.name + "\" does not fit",
                  "revoke fewer releases");
    }
    out.replace(at, bytes.size(), bytes);
    at += bytes.size();
  }
  return out;
}

Result<std::string> blank_nvram() {
  auto out = read_file(kBlank, kMaxVolume);
  if (out || out.error().code != ErrorCode::kMissing) return out;
  return fail(ErrorCode::kEnvironment, "cannot make a firmware's NVRAM: \"" + std::string(kBlank) + "\" is not there",
              "install the package ovmf");
}

}  // namespace reburst::firmware
