// The keys of Secure Boot: key create --secure-boot, key nvram.
#include "cli/secure_boot_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/repository/openpgp.hpp"
#include "signing/firmware/authenticated_variable.hpp"
#include "signing/firmware/key_set.hpp"
#include "signing/firmware/nvram.hpp"
#include "signing/firmware/signature_list.hpp"
#include "signing/sign/key_folder.hpp"
#include "signing/sign/private_key.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions keys;
  std::string file, pinned, changes, exchange_key;
  std::vector<std::string> revoked;
};

// A key folder is whole: whoever starts with Secure Boot gets the development keys of releases with it.
Result<> ensure_key_folder(const fs::path& folder, Epoch now) {
  std::error_code ignored;
  if (fs::exists(folder / "keys.json", ignored)) return {};
  REBURST_TRY(signing::create_development_keys(folder));
  return registry::create_openpgp_key(folder / "openpgp.key", "Reburst development key", now);
}

// The same as signed changes, for firmware that has these keys: db holds the one digest instead of what it had, and dbx
// gets more. The files that were written.
Result<std::vector<std::string>> write_changes(const Session& session, const Arguments& arguments,
                                               const firmware::Certificates& known,
                                               const firmware::Enrolment& enrolment) {
  if (arguments.changes.empty()) return std::vector<std::string>();
  if (arguments.pinned.empty() && arguments.revoked.empty()) {
    return fail(ErrorCode::kUsage, "--auth without --pin and --revoke changes nothing",
                "db.auth of your keys enrols what db signs");
  }
  const auto key = REBURST_TRY(firmware::FirmwareKey::open(
      arguments.exchange_key.empty() ? (secure_boot_folder(session, arguments.keys) / "KEK.pem").string()
                                     : arguments.exchange_key,
      known.exchange_key, ask_passphrase(session, arguments.keys), arguments.keys.pkcs11_module));
  const fs::path folder = arguments.changes;
  REBURST_TRY(make_directories(folder));
  std::vector<std::string> out;
  const auto write = [&](const std::string& name, const std::string& lists, std::uint32_t attributes) -> Result<> {
    const auto file = folder / (name + ".auth");
    out.push_back(file.string());
    return write_file_atomic(file, REBURST_TRY(firmware::authenticated_variable(
                                       name, firmware::kKeyAttributes | attributes, lists, enrolment.time, key)));
  };
  if (!arguments.pinned.empty()) REBURST_TRY(write("db", enrolment.allowed, 0));
  if (!arguments.revoked.empty()) REBURST_TRY(write("dbx", enrolment.revoked, firmware::kAppend));
  return out;
}

VerbResult make(const Session& session, const Arguments& arguments) {
  const auto folder = secure_boot_folder(session, arguments.keys);
  const auto known = REBURST_TRY(with_context(firmware::read_certificates(folder),
                                              "reading the keys that \"reburst key create --secure-boot\" makes"));
  const auto owner = firmware::owner_of(known.platform_key);
  std::vector<Digest> pinned, revoked;
  if (!arguments.pinned.empty()) pinned.push_back(REBURST_TRY(boot_digest(session, arguments.pinned)));
  for (const auto& each : arguments.revoked) revoked.push_back(REBURST_TRY(boot_digest(session, each)));
  for (const auto& each : revoked) {
    if (!pinned.empty() && each == pinned.front()) {
      return fail(ErrorCode::kUsage, "\"" + arguments.pinned + "\" is pinned and revoked at once",
                  "no machine could boot with this NVRAM");
    }
  }
  const firmware::Enrolment enrolment{
      .platform_key = firmware::certificate_list(known.platform_key, owner),
      .exchange_keys = firmware::certificate_list(known.exchange_key, owner),
      .allowed = pinned.empty() ? firmware::certificate_list(known.db, owner) : firmware::digest_list(pinned, owner),
      .revoked = firmware::digest_list(revoked, owner),
      .time = session.surroundings.now};
  const auto bytes =
      REBURST_TRY(firmware::make_nvram(REBURST_TRY(firmware::blank_nvram()), enrolment, "OVMF_VARS_4M.fd"));
  const auto changes = REBURST_TRY(write_changes(session, arguments, known, enrolment));
  REBURST_TRY(write_file_atomic(arguments.file, bytes));
  if (session.common.json) {
    Json allowed = Json::object(), refused = Json::array();
    if (pinned.empty()) allowed["certificate_sha256"] = known.db.fingerprint().hex();
    if (!pinned.empty()) allowed["authenticode_sha256"] = pinned.front().hex();
    for (const auto& each : revoked) refused.push_back({{"authenticode_sha256", each.hex()}});
    REBURST_TRY(print(
        canonical_json({{"file", arguments.file}, {"allowed", allowed}, {"revoked", refused}, {"changes", changes}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(
        print(arguments.file + "  boots " +
              (pinned.empty() ? "what db signed (" + known.db.subject() + ")" : "only " + pinned.front().hex()) +
              (revoked.empty() ? "" : ", but not " + std::to_string(revoked.size()) + " revoked") + "\n"));
    for (const auto& each : changes) REBURST_TRY(print(each + "  for the firmware of a real machine\n"));
  }
  return 0;
}

}  // namespace

VerbResult create_secure_boot_keys(const Session& session, const RegistryOptions& options, bool encrypt) {
  const auto folder = secure_boot_folder(session, options);
  const auto blank = REBURST_TRY(firmware::blank_nvram());
  std::string passphrase;
  if (encrypt || options.passphrase_fd >= 0)
    passphrase = REBURST_TRY(new_passphrase(session, options, folder.string()));
  const signing::Secret secret(std::move(passphrase));
  REBURST_TRY(ensure_key_folder(keys_path(session, options), session.surroundings.now));
  REBURST_TRY(firmware::create_key_set(
      folder, {.name = "Reburst", .now = session.surroundings.now, .passphrase = secret.text(), .blank = blank}));
  const auto made = REBURST_TRY(firmware::read_certificates(folder));
  const auto nvram = folder / firmware::kNvram;
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"folder", folder.string()},
                                      {"nvram", nvram.string()},
                                      {"encrypted", !secret.text().empty()},
                                      {"certificates",
                                       {{"PK", made.platform_key.fingerprint().hex()},
                                        {"KEK", made.exchange_key.fingerprint().hex()},
                                        {"db", made.db.fingerprint().hex()}}}})));
    return 0;
  }
  if (session.common.quiet) return 0;
  std::string out = folder.string() + "\n";
  if (secret.text().empty())
    out = bold("The private keys are not encrypted", session.surroundings.colour) +
          ": whoever can read the folder can sign what your machines boot.\n" + out;
  out += "  PK.auth KEK.auth db.auth   for the firmware of a real machine, db first\n";
  out += "  " + std::string(firmware::kNvram) +
         "                   NVRAM for QEMU and libvirt: Secure Boot on, with these keys\n";
  out += "  db.pem                     signs boot programs: " + session.command("build") + " does from now on\n";
  REBURST_TRY(print(out));
  return 0;
}

Verb add_key_nvram(CLI::App& key, Session& session) {
  auto* app = key.add_subcommand("nvram", "Write an NVRAM for virtual machines that boots only what you say");
  auto arguments = std::make_shared<Arguments>();
  app->add_option("FILE", arguments->file, "The NVRAM to write, for OVMF's firmware of 4 MiB")->required();
  app->add_option("--pin", arguments->pinned,
                  "Boot the UKI of this release and no other: a role, a release folder or an .efi file")
      ->type_name("RELEASE");
  app->add_option("--revoke", arguments->revoked, "Never boot the UKI of this release, whoever signed it")
      ->type_name("RELEASE");
  app->add_option(
         "--auth", arguments->changes,
         "Write the same as signed changes, too, for the firmware of a real machine: db.auth that replaces db by "
         "what is pinned, dbx.auth that adds what is revoked")
      ->type_name("DIR")
      ->check(not_empty());
  app->add_option("--kek", arguments->exchange_key,
                  "The private key that signs them: a file or a pkcs11: URI (default: KEK.pem of your keys)")
      ->type_name("KEY")
      ->check(not_empty());
  app->add_option("--pkcs11-module", arguments->keys.pkcs11_module, "Module for keys that are pkcs11: URIs")
      ->type_name("FILE");
  app->add_option("--keys", arguments->keys.keys, "Folder of your keys")->type_name("DIR");
  app->add_option("--passphrase-fd", arguments->keys.passphrase_fd, "Read the keys' passphrase from this descriptor")
      ->type_name("N")
      ->check(CLI::Range(0, 1023).description(""));
  add_common(*app, session);
  app->footer(
      "Without --pin it boots whatever your db key signed.\n"
      "Examples:\n"
      "  reburst key nvram web.fd --pin web\n"
      "  reburst key nvram clone.fd --pin out/web/20260711T101637Z\n"
      "  reburst key nvram web.fd --pin web --auth stick     and stick/db.auth, signed by KEK.pem\n"
      "  reburst key nvram all.fd --revoke out/web/20260601T080000Z --revoke out/web/20260608T080000Z");
  return {.app = app,
          .run = [&session, arguments] { return make(session, *arguments); },
          .supervised = false,
          .root = false};
}

}  // namespace reburst::cli
