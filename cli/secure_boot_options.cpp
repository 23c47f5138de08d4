#include "cli/secure_boot_options.hpp"

#include <utility>

#include "builder/describe/manifest.hpp"
#include "builder/measure/pcr.hpp"
#include "core/file.hpp"
#include "signing/authenticode/authenticode.hpp"
#include "signing/firmware/authenticated_variable.hpp"
#include "signing/firmware/key_set.hpp"
#include "signing/firmware/signature_list.hpp"

namespace reburst::cli {

namespace {

constexpr const char* kGroup = "Secure Boot options";
constexpr std::uint64_t kMaxManifest = 16U << 20U;
constexpr std::uint64_t kMaxProgram = 512U << 20U;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<firmware::FirmwareKey> open_key(const Session& session, const SecureBootOptions& options, const std::string& key,
                                       const fs::path& certificate) {
  return firmware::FirmwareKey::open(key, REBURST_TRY(firmware::read_certificate(certificate)),
                                     ask_passphrase(session, options.keys), options.keys.pkcs11_module);
}

measure::Variable variable(const char* name, std::string data) {
  return {firmware::bytes_of(firmware::vendor_of(name)), name, std::move(data)};
}

// PCR 7 with the NVRAM that "key create --secure-boot" writes: its keys, and nothing revoked.
Digest secure_boot_pcr(const firmware::Certificates& known) {
  const auto owner = firmware::owner_of(known.platform_key);
  const std::array policy = {variable("SecureBoot", "\1"),
                             variable("PK", firmware::certificate_list(known.platform_key, owner)),
                             variable("KEK", firmware::certificate_list(known.exchange_key, owner)),
                             variable("db", firmware::certificate_list(known.db, owner)), variable("dbx", "")};
  return measure::secure_boot_pcr(policy, variable("db", firmware::bytes_of(owner) + known.db.der()));
}

// Nothing where PK and KEK are not there, or belong to another db than signs.
std::optional<Digest> expected_secure_boot_pcr(const fs::path& folder, const authenticode::Certificate& signer) {
  const auto known = firmware::read_certificates(folder);
  if (!known || known->db.fingerprint() != signer.fingerprint()) return std::nullopt;
  return secure_boot_pcr(*known);
}

image::BootSigner signer_with(const firmware::FirmwareKey& key, const fs::path& key_set) {
  return {.certificate = key.certificate().fingerprint(),
          .secure_boot_pcr = expected_secure_boot_pcr(key_set, key.certificate()),
          .sign = [key](std::string program) -> Result<image::BootSigner::Signed> {
            auto made = REBURST_TRY(authenticode::sign_program(std::move(program), key.certificate(), key, "the UKI"));
            const auto digest = REBURST_TRY(authenticode::image_digest(made, "the UKI"));
            return image::BootSigner::Signed{std::move(made), digest};
          }};
}

Result<Digest> digest_of_release(const fs::path& folder) {
  const auto file = folder / describe::kManifestName;
  const auto manifest = REBURST_TRY(describe::parse(REBURST_TRY(read_file(file, kMaxManifest)), file.string()));
  for (const auto& artifact : manifest.artifacts) {
    if (artifact.kind != "uki") continue;
    const auto path = folder / artifact.name;
    const auto program = REBURST_TRY(read_file(path, kMaxProgram));
    if (sha256(program) == artifact.sha256) return authenticode::image_digest(program, path.string());
    return fail(ErrorCode::kIntegrity, "\"" + path.string() + "\" is not what its manifest says", "build it again");
  }
  return fail(ErrorCode::kMissing, "the release in \"" + folder.string() + "\" has no boot program",
              "only an image with a kernel can boot: set kernel.package in the recipe");
}

void add_key_options(CLI::App& app, RegistryOptions& options) {
  app.add_option("--keys", options.keys, "Folder of your keys")->type_name("DIR")->group(kGroup);
  app.add_option("--passphrase-fd", options.passphrase_fd, "Read the key's passphrase from this descriptor")
      ->type_name("N")
      ->check(CLI::Range(0, 1023).description(""))
      ->group(kGroup);
  app.add_option("--pkcs11-module", options.pkcs11_module, "Module for keys that are pkcs11: URIs")
      ->type_name("FILE")
      ->group(kGroup);
}

}  // namespace

void add_secure_boot_options(CLI::App& app, SecureBootOptions& options) {
  auto* key =
      app.add_option("--secure-boot-key", options.key,
                     "Sign the UKI with this key (file or pkcs11: URI; default: db of your keys, if there is one)")
          ->type_name("FILE")
          ->group(kGroup);
  auto* certificate = app.add_option("--secure-boot-cert", options.certificate, "The certificate of that key")
                          ->type_name("FILE")
                          ->group(kGroup);
  key->needs(certificate);
  certificate->needs(key);
  app.add_flag("--unsigned", options.unsigned_program, "Do not sign the UKI, whatever keys there are")
      ->excludes(key)
      ->group(kGroup);
  add_key_options(app, options.keys);
}

fs::path secure_boot_folder(const Session& session, const RegistryOptions& options) {
  return keys_path(session, options) / firmware::kFolder;
}

Result<std::optional<image::BootSigner>> boot_signer(const Session& session, const SecureBootOptions& options) {
  if (options.unsigned_program) return std::nullopt;
  const auto folder = secure_boot_folder(session, options.keys);
  if (!options.key.empty())
    return signer_with(REBURST_TRY(open_key(session, options, options.key, options.certificate)), folder);
  if (!is_there(folder / "db.pem")) return std::nullopt;
  return signer_with(REBURST_TRY(open_key(session, options, (folder / "db.pem").string(), folder / "db.crt")), folder);
}

Result<Digest> boot_digest(const Session& session, const std::string& subject) {
  if (!subject.ends_with(".efi")) return digest_of_release(REBURST_TRY(release_folder(session, subject)));
  return authenticode::image_digest(REBURST_TRY(read_regular_file(subject, kMaxProgram)), subject);
}

}  // namespace reburst::cli
