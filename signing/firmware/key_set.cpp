#include "signing/firmware/key_set.hpp"

#include <optional>

#include "core/file.hpp"
#include "signing/firmware/authenticated_variable.hpp"
#include "signing/firmware/nvram.hpp"
#include "signing/firmware/signature_list.hpp"
#include "signing/sign/private_key.hpp"

namespace reburst::firmware {

namespace {

constexpr std::size_t kMaxCertificate = 64U << 10U;

fs::path whole_path(const fs::path& path) {
  auto out = fs::absolute(path).lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

Result<> require_free(const fs::path& folder) {
  std::error_code ignored;
  if (fs::symlink_status(folder, ignored).type() == fs::file_type::not_found) return {};
  return fail(ErrorCode::kUsage, "cannot create Secure Boot keys in \"" + folder.string() + "\": it is there already",
              "keys are never replaced: name another folder, or move the old one away");
}

struct Made {
  FirmwareKey key;
  std::string list;
};

// Key, certificate and list of one name; `owner` is set by the first.
Result<Made> make_one(const fs::path& folder, const std::string& name, const NewKeys& options,
                      std::optional<Guid>& owner) {
  auto made = make_firmware_key(options.name + " Secure Boot " + name, options.now, options.passphrase);
  const signing::Secret pem(std::move(made.private_pem));
  const auto file = folder / (name + ".pem");
  REBURST_TRY(write_file_atomic(file, pem.text(), 0600));
  REBURST_TRY(write_file_atomic(folder / (name + ".crt"), made.certificate_pem));
  auto certificate = REBURST_TRY(authenticode::Certificate::parse(made.certificate_pem, name));
  REBURST_TRY(write_file_atomic(folder / (name + ".cer"), certificate.der()));
  if (!owner) owner = owner_of(certificate);
  auto list = certificate_list(certificate, *owner);
  REBURST_TRY(write_file_atomic(folder / (name + ".esl"), list));
  const auto known = [&](std::string_view) -> Result<std::string> { return std::string(options.passphrase); };
  return Made{REBURST_TRY(FirmwareKey::open(file.string(), std::move(certificate), known, {})), std::move(list)};
}

Result<> write_auth(const fs::path& folder, const std::string& name, const Made& variable, const Made& by, Epoch now) {
  const auto bytes = REBURST_TRY(authenticated_variable(name, kKeyAttributes, variable.list, now, by.key));
  return write_file_atomic(folder / (name + ".auth"), bytes);
}

}  // namespace

Result<> create_key_set(const fs::path& folder, const NewKeys& options) {
  const auto whole = whole_path(folder);
  REBURST_TRY(require_free(whole));
  auto temporary = REBURST_TRY(TempDirectory::make(whole.parent_path(), ".secure-boot"));
  std::optional<Guid> owner;
  const auto platform = REBURST_TRY(make_one(temporary.path(), "PK", options, owner));
  const auto exchange = REBURST_TRY(make_one(temporary.path(), "KEK", options, owner));
  const auto db = REBURST_TRY(make_one(temporary.path(), "db", options, owner));
  REBURST_TRY(write_auth(temporary.path(), "PK", platform, platform, options.now));
  REBURST_TRY(write_auth(temporary.path(), "KEK", exchange, platform, options.now));
  REBURST_TRY(write_auth(temporary.path(), "db", db, exchange, options.now));
  const Enrolment enrolment{platform.list, exchange.list, db.list, {}, options.now};
  REBURST_TRY(write_file_atomic(temporary.path() / kNvram,
                                REBURST_TRY(make_nvram(options.blank, enrolment, "OVMF_VARS_4M.fd"))));
  REBURST_TRY(require_free(whole));
  REBURST_TRY(rename_path(temporary.path(), whole));
  (void)temporary.release();
  return sync_directory(whole.parent_path());
}

Result<authenticode::Certificate> read_certificate(const fs::path& file) {
  return authenticode::Certificate::parse(REBURST_TRY(read_regular_file(file, kMaxCertificate)), file.string());
}

Result<Certificates> read_certificates(const fs::path& folder) {
  return Certificates{REBURST_TRY(read_certificate(folder / "PK.crt")),
                      REBURST_TRY(read_certificate(folder / "KEK.crt")),
                      REBURST_TRY(read_certificate(folder / "db.crt"))};
}

}  // namespace reburst::firmware
