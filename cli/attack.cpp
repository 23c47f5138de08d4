#include "attack/attack.hpp"

#include <algorithm>

#include "attack/evidence.hpp"
#include "cli/attack_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/version.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"
#include "signing/sign/seal.hpp"
#include "signing/verify/dsse.hpp"
#include "trial/judge.hpp"

namespace reburst::cli {

namespace {

constexpr std::size_t kDefaultJobs = 2, kTailLines = 20;

struct Arguments {
  std::string subject, keep;
  std::vector<std::string> cases = {"all"};
  bool list = false, unsigned_evidence = false;
  AttackOptions how;
};

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

std::string number_of(const attack::Case& one) {
  return padded(one.number == 0 ? "-" : std::to_string(one.number), 2);
}

std::size_t name_width(const std::vector<const attack::Case*>& chosen) {
  std::size_t out = 0;
  for (const auto* each : chosen) out = std::max(out, each->name.size());
  return out;
}

std::string list_text(const std::vector<const attack::Case*>& chosen) {
  std::string out;
  for (const auto* each : chosen) {
    out += number_of(*each) + padded(std::string(each->name), name_width(chosen)) +
           padded(std::string(attack::outcome_name(each->expected)), 21) + std::string(each->what) + "\n";
  }
  return out;
}

std::string list_json(const std::vector<const attack::Case*>& chosen) {
  Json out = Json::array();
  for (const auto* each : chosen) {
    out.push_back({{"number", each->number},
                   {"name", each->name},
                   {"short", each->list == attack::List::kShort},
                   {"by", each->by == attack::By::kFirmware ? "firmware" : "direct"},
                   {"expected", attack::outcome_name(each->expected)},
                   {"console", each->shows},
                   {"done", each->what},
                   {"why", each->why}});
  }
  return canonical_json(out);
}

std::string row(const attack::Verdict& verdict, std::size_t width) {
  const auto& one = *verdict.attack;
  std::string out = number_of(one) + padded(std::string(one.name), width);
  if (verdict.state == attack::State::kNotApplicable) return out + "not applicable: " + verdict.detail + "\n";
  const bool good = verdict.state == attack::State::kAsExpected;
  out += padded(std::string(attack::outcome_name(verdict.found)), 21) + padded(seconds_text(verdict.seconds), 7);
  return out + (good ? std::string("as expected: ") + std::string(one.why) : "NOT as expected") + "\n";
}

std::string table(const std::vector<const attack::Case*>& chosen, const std::vector<attack::Verdict>& verdicts) {
  std::string out;
  for (const auto& each : verdicts) out += row(each, name_width(chosen));
  return out;
}

std::string failures(const std::vector<attack::Verdict>& verdicts) {
  std::string out;
  for (const auto& each : verdicts) {
    if (each.state != attack::State::kUnexpected) continue;
    out += "\n" + std::string(each.attack->name) + "\n" + indent(each.detail, "  ") + "\n" +
           indent(trial::console_tail(each.console, kTailLines), "  | ");
  }
  return out;
}

using Signers = std::vector<std::unique_ptr<signing::Signer>>;

// The keys that sign what is published; none where no evidence is wanted. Opened before anything boots: nobody waits an
// hour to hear that a passphrase was wrong.
Result<Signers> open_signers(const Session& session, const Arguments& arguments) {
  if (arguments.unsigned_evidence) return Signers();
  auto keys = REBURST_TRY(read_keys(keys_path(session, arguments.how.keys)));
  if (!arguments.how.keys.pkcs11_module.empty()) keys.pkcs11_module = arguments.how.keys.pkcs11_module;
  auto out = REBURST_TRY(
      signing::signers(keys, signing::role_setup(keys, "channel"), ask_passphrase(session, arguments.how.keys)));
  if (!out.empty()) return out;
  return fail(ErrorCode::kSignature, "no key of a channel that can sign is in \"" + keys.path.string() + "\"",
              "bring one, or do without evidence with --unsigned");
}

// An in-toto statement about every file of the release, beside it.
Result<fs::path> write_evidence(const Session& session, const Signers& signers, const fs::path& folder,
                                const Json& predicate) {
  if (signers.empty()) return fs::path();
  const std::size_t jobs = session.pipeline_options().jobs;
  const auto release = REBURST_TRY(registry::read_release(folder, root_hash_of_disk(jobs), jobs));
  const auto file = folder / registry::file_name(release.role, release.version, attack::kEvidenceSuffix);
  const auto statement = registry::make_statement(release.files, attack::kPredicateType, predicate);
  REBURST_TRY(write_file_atomic(
      file, REBURST_TRY(signing::seal_envelope(signing::kInTotoType, statement, {signers.front().get()}))));
  return file;
}

Result<> tell(const Session& session, const Json& predicate, const std::string& text, const fs::path& folder,
              const fs::path& evidence) {
  if (session.common.json) {
    Json out = predicate;
    out["folder"] = folder.string();
    out["evidence"] = evidence.string();
    return print(canonical_json(out));
  }
  if (session.common.quiet) return {};
  return print(text + (evidence.empty() ? "" : "evidence: " + evidence.string() + "\n"));
}

VerbResult attack_release(const Session& session, const Arguments& arguments) {
  const auto chosen = REBURST_TRY(attack::choose(arguments.cases));
  if (arguments.list) {
    REBURST_TRY(print(session.common.json ? list_json(chosen) : list_text(chosen)));
    return 0;
  }
  if (arguments.subject.empty()) return fail(ErrorCode::kUsage, "ROLE is required", "name a role, or a release folder");
  const auto folder = REBURST_TRY(release_folder(session, arguments.subject));
  const auto subject = REBURST_TRY(attack::open_subject(folder, session.pipeline_options().jobs));
  const auto signers = REBURST_TRY(open_signers(session, arguments));
  const auto means = REBURST_TRY(attack_means(session, arguments.how, chosen));
  const auto cache = REBURST_TRY(session.open_cache());
  const auto work = REBURST_TRY(cache.make_temp("attack"));
  const auto progress = session.progress();
  const attack::Options how{.work = work.path(),
                            .keep = arguments.keep.empty() ? fs::path() : fs::absolute(arguments.keep),
                            .accelerator = REBURST_TRY(trial::probe_accelerator(work.path())),
                            .timeout_seconds = arguments.how.timeout_seconds,
                            .jobs = session.common.jobs == 0 ? kDefaultJobs : session.common.jobs};
  const attack::Circumstances circumstances{.tool = "reburst " + std::string(kVersion),
                                            .qemu = REBURST_TRY(trial::qemu_version()),
                                            .accelerator = how.accelerator,
                                            .started = session.surroundings.now};
  const auto verdicts = REBURST_TRY(attack::run(chosen, subject, means, how, *progress));
  (void)progress->finish();
  const auto predicate = attack::predicate(verdicts, circumstances);
  const auto evidence = REBURST_TRY(write_evidence(session, signers, folder, predicate));
  REBURST_TRY(tell(session, predicate, table(chosen, verdicts), folder, evidence));
  if (attack::passed(verdicts)) return 0;
  return fail(ErrorCode::kTest,
              "\"" + folder.string() + "\" did not stand every case as it should" + failures(verdicts),
              "see the consoles above, or keep them with --keep");
}

}  // namespace

Verb add_attack(CLI::App& root, Session& session) {
  auto* app =
      root.add_subcommand("attack", "Boot an image tampered with in every way that is known, and sign what came of it");
  auto arguments = std::make_shared<Arguments>();
  app->add_option("ROLE", arguments->subject,
                  "A role or a recipe's path (its newest release under --out), or a release folder");
  app->add_option("--cases", arguments->cases, "\"short\", \"all\", or names of cases")
      ->type_name("NAME")
      ->delimiter(',')
      ->capture_default_str();
  app->add_flag("--list", arguments->list, "Show the cases, and attack nothing");
  app->add_option("--keep", arguments->keep, "Leave each case's disk and console in this folder")
      ->type_name("DIR")
      ->check(not_empty());
  app->add_flag("--unsigned", arguments->unsigned_evidence, "Write no evidence");
  add_attack_options(*app, arguments->how);
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst attack web                        all cases; signed evidence beside the release\n"
      "  reburst attack web --cases short --jobs 1\n"
      "  reburst attack --list");
  return {.app = app,
          .run = [&session, arguments] { return attack_release(session, *arguments); },
          .supervised = true,
          .root = false};
}

}  // namespace reburst::cli
