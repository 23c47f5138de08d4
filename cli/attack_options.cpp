#include "cli/attack_options.hpp"

#include <array>
#include <cstdio>

#include "cli/secure_boot_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/valid_utf8.hpp"
#include "signing/firmware/key_set.hpp"
#include "trial/judge.hpp"

namespace reburst::cli {

namespace {

constexpr std::size_t kTailLines = 30;
constexpr std::uint64_t kMaxTicket = 4U << 20U;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string told(const attack::Verdict& verdict, const fs::path& folder) {
  const auto& one = *verdict.attack;
  const bool applies = verdict.state != attack::State::kNotApplicable;
  std::string out = folder.string() + ": " + std::string(one.name) + ": " + std::string(one.what) + "\n";
  out += applies ? "  outcome   " + std::string(attack::outcome_name(verdict.found)) +
                       ", as expected: " + std::string(one.why) + "\n  console   " + verdict.shown + "\n  time      " +
                       seconds_text(verdict.seconds) + "\n"
                 : "  not applicable: " + verdict.detail + "\n";
  return out;
}

Result<> print_verdict(const Session& session, const attack::Verdict& verdict, const fs::path& folder) {
  if (!session.common.json) return session.common.quiet ? Result<>() : print(told(verdict, folder));
  return print(canonical_json({{"folder", folder.string()},
                               {"case", verdict.attack->name},
                               {"state", attack::state_name(verdict.state)},
                               {"expected", attack::outcome_name(verdict.attack->expected)},
                               {"outcome", attack::outcome_name(verdict.found)},
                               {"detail", valid_utf8(verdict.detail)},
                               {"console", valid_utf8(verdict.shown)}}));
}

}  // namespace

std::string seconds_text(double seconds) {
  std::array<char, 32> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.1f s", seconds);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

void add_attack_options(CLI::App& app, AttackOptions& options) {
  app.add_option("--nvram", options.nvram,
                 "What the firmware believes, as \"key nvram\" writes it (default: that of your Secure Boot keys)")
      ->type_name("FILE");
  app.add_option("--ticket", options.ticket, "Release ticket that every clone is handed")->type_name("FILE");
  app.add_option("--timeout", options.timeout_seconds, "Limit for one boot, in seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400).description(""))
      ->capture_default_str();
  app.add_option("--keys", options.keys.keys, "Folder of your keys")->type_name("DIR");
  app.add_option("--passphrase-fd", options.keys.passphrase_fd, "Read the keys' passphrase from this descriptor")
      ->type_name("N")
      ->check(CLI::Range(0, 1023).description(""));
  app.add_option("--pkcs11-module", options.keys.pkcs11_module, "Module for keys that are pkcs11: URIs")
      ->type_name("FILE");
}

Result<attack::Means> attack_means(const Session& session, const AttackOptions& options,
                                   const std::vector<const attack::Case*>& chosen) {
  const auto folder = secure_boot_folder(session, options.keys);
  attack::Means out{.nvram = options.nvram,
                    .key = {},
                    .ticket = options.ticket,
                    .now = session.surroundings.now,
                    .tpm = trial::Tpm::available()};
  if (options.nvram.empty() && is_there(folder / firmware::kNvram)) out.nvram = folder / firmware::kNvram;
  if (!out.nvram.empty() && !is_there(out.nvram))
    return fail(ErrorCode::kMissing, "\"" + out.nvram.string() + "\" is not there", "name another --nvram");
  if (!options.ticket.empty()) REBURST_TRY(read_regular_file(options.ticket, kMaxTicket));
  bool wanted = false;
  for (const auto* each : chosen) wanted = wanted || (each->needs & attack::need::kKey) != 0;
  if (!wanted || !is_there(folder / "db.pem")) return out;
  out.key = REBURST_TRY(firmware::FirmwareKey::open((folder / "db.pem").string(),
                                                    REBURST_TRY(firmware::read_certificate(folder / "db.crt")),
                                                    ask_passphrase(session, options.keys), options.keys.pkcs11_module));
  return out;
}

VerbResult boot_tampered(const Session& session, const AttackOptions& options, const std::string& subject,
                         const std::string& name) {
  const auto chosen = REBURST_TRY(attack::choose({name}));
  if (chosen.size() != 1)
    return fail(ErrorCode::kUsage, "\"" + name + "\" is more than one case", "\"reburst attack\" runs whole lists");
  const auto folder = REBURST_TRY(release_folder(session, subject));
  const auto release = REBURST_TRY(attack::open_subject(folder, session.pipeline_options().jobs));
  const auto means = REBURST_TRY(attack_means(session, options, chosen));
  const auto cache = REBURST_TRY(session.open_cache());
  const auto work = REBURST_TRY(cache.make_temp("attack"));
  const auto progress = session.progress();
  const attack::Options how{.work = work.path(),
                            .accelerator = REBURST_TRY(trial::probe_accelerator(work.path())),
                            .timeout_seconds = options.timeout_seconds};
  const auto verdict = REBURST_TRY(attack::run(chosen, release, means, how, *progress)).front();
  (void)progress->finish();
  if (verdict.state != attack::State::kUnexpected) {
    REBURST_TRY(print_verdict(session, verdict, folder));
    return 0;
  }
  return fail(ErrorCode::kTest,
              "\"" + folder.string() + "\" with the case \"" + name + "\" did not come out as it should\n" +
                  verdict.detail + "\nthe console's last lines:\n" +
                  indent(trial::console_tail(verdict.console, kTailLines), "  | "),
              "expected is: " + std::string(verdict.attack->why));
}

}  // namespace reburst::cli
