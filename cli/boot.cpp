#include "cli/attack_options.hpp"
#include "cli/boot_tpm.hpp"
#include "cli/secure_boot_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "signing/firmware/key_set.hpp"
#include "trial/judge.hpp"
#include "trial/trial.hpp"

namespace reburst::cli {

namespace {

constexpr std::size_t kTailLines = 30;

struct Arguments {
  std::string subject, tamper;
  AttackOptions how;
  bool tpm = false;
};

Result<fs::path> nvram_of(const Session& session, const Arguments& arguments) {
  if (!arguments.how.nvram.empty()) return fs::path(arguments.how.nvram);
  const auto own = secure_boot_folder(session, arguments.how.keys) / firmware::kNvram;
  std::error_code ignored;
  if (fs::exists(own, ignored)) return own;
  return fail(ErrorCode::kMissing, "there is no firmware to boot with: \"" + own.string() + "\" is not there",
              "make keys and NVRAM with \"" + session.command("key create --secure-boot") +
                  "\" and build again, or name an NVRAM with --nvram");
}

Error not_booted(const trial::FirmwareBoot& boot, const fs::path& folder, unsigned timeout) {
  Error error{ErrorCode::kTest, "", "", {}};
  if (boot.refused) {
    error.message = "the firmware refused the boot program of \"" + folder.string() + "\": Access Denied";
    error.hint = "its NVRAM allows another key or another release: build with that key, or name another --nvram";
  } else if (boot.verified) {
    error.message = "\"" + folder.string() + "\" booted without Secure Boot";
    error.hint = "name an NVRAM that has keys with --nvram";
  } else {
    error.message = "\"" + folder.string() + "\" did not verify its root within " + std::to_string(timeout) + " s";
    error.hint = "see the console above; raise --timeout on a slow machine";
  }
  error.message += "\nthe console's last lines:\n" + indent(trial::console_tail(boot.console, kTailLines), "  | ");
  return error;
}

VerbResult boot(const Session& session, const Arguments& arguments) {
  if (!arguments.tamper.empty()) return boot_tampered(session, arguments.how, arguments.subject, arguments.tamper);
  const auto folder = REBURST_TRY(release_folder(session, arguments.subject));
  const auto nvram = REBURST_TRY(nvram_of(session, arguments));
  const auto cache = REBURST_TRY(session.open_cache());
  const auto work = REBURST_TRY(cache.make_temp("boot"));
  const auto progress = session.progress();
  const trial::Options options{.release = REBURST_TRY(trial::open_release(folder, session.pipeline_options().jobs)),
                               .work = work.path(),
                               .timeout_seconds = arguments.how.timeout_seconds,
                               .firmware = true,
                               .nvram = nvram,
                               .tpm = arguments.tpm};
  std::optional<measure::Expected> expected;
  if (arguments.tpm) expected = REBURST_TRY(require_measured_boot(options.release, folder));
  const auto found = REBURST_TRY(trial::boot_by_firmware(options, *progress));
  (void)progress->finish();
  if (!found.verified || !found.secure_boot) return fail(not_booted(found, folder, arguments.how.timeout_seconds));
  std::vector<Measurement> measurements;
  if (expected) measurements = compare_registers(*expected, found.registers, arguments.how.nvram.empty());
  REBURST_TRY(require_equal(measurements, folder));
  if (session.common.json) {
    Json out = {{"folder", folder.string()},
                {"accelerator", found.accelerator},
                {"boot_milliseconds", static_cast<std::uint64_t>(found.seconds * 1000)},
                {"secure_boot", found.secure_boot},
                {"verified", found.verified}};
    if (expected) out["tpm"] = json_of(measurements);
    REBURST_TRY(print(canonical_json(out)));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(folder.string() + ": booted by " + found.accelerator + " in " + seconds_text(found.seconds) +
                      "\n  Secure Boot on, root verified\n" + text_of(measurements)));
  }
  return 0;
}

}  // namespace

Verb add_boot(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("boot", "Boot an image in QEMU with Secure Boot, until its root is verified");
  auto arguments = std::make_shared<Arguments>();
  app->add_option("ROLE", arguments->subject,
                  "A role or a recipe's path (its newest release under --out), or a release folder")
      ->required();
  auto* tamper = app->add_option("--tamper", arguments->tamper,
                                 "Boot a copy with that one case of the tamper matrix; \"attack --list\" shows them")
                     ->type_name("CASE")
                     ->check(not_empty());
  add_attack_options(*app, arguments->how);
  // The released disk gets no ticket here, and nothing is signed.
  for (const char* each : {"--ticket", "--passphrase-fd", "--pkcs11-module"}) app->get_option(each)->needs(tamper);
  app->add_flag("--tpm", arguments->tpm,
                "Give the machine a TPM, and compare what it measured with what the manifest says")
      ->excludes(tamper);
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst boot web                          the newest release under out/web, with your keys\n"
      "  reburst boot web --tpm                    the same; PCR 4, 7 and 11 have to be what the manifest says\n"
      "  reburst key nvram web.fd --pin web && reburst boot web --nvram web.fd\n"
      "  reburst boot web --tamper data-block      a copy with one byte changed: is it refused?");
  return {.app = app,
          .run = [&session, arguments] { return boot(session, *arguments); },
          .supervised = true,
          .root = false};
}

}  // namespace reburst::cli
