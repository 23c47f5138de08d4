#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "trial/trial.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  std::string subject;
  unsigned timeout_seconds = 600;
  bool firmware = false;
};

std::string_view outcome_name(trial::Outcome outcome) {
  switch (outcome) {
    case trial::Outcome::kPassed: return "passed";
    case trial::Outcome::kFailed: return "failed";
    case trial::Outcome::kSkipped: return "skipped";
  }
  return "failed";
}

std::string seconds_text(double seconds) {
  std::array<char, 32> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.1f s", seconds);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string report_text(const trial::Report& report, const fs::path& folder) {
  std::string out =
      folder.string() + ": booted by " + report.accelerator + " in " + seconds_text(report.boot_seconds) + "\n";
  for (const auto& result : report.results) {
    std::string line = "  " + std::string(outcome_name(result.outcome));
    line.resize(11, ' ');
    out += line + result.name + "\n";
  }
  return out;
}

std::string report_json(const trial::Report& report, const fs::path& folder) {
  Json results = Json::array();
  for (const auto& result : report.results) {
    results.push_back({{"name", result.name}, {"outcome", outcome_name(result.outcome)}, {"detail", result.detail}});
  }
  return canonical_json({{"folder", folder.string()},
                         {"accelerator", report.accelerator},
                         {"boot_milliseconds", static_cast<std::uint64_t>(report.boot_seconds * 1000)},
                         {"passed", report.passed()},
                         {"tests", results}});
}

VerbResult test(const Session& session, const Arguments& arguments) {
  const auto folder = REBURST_TRY(release_folder(session, arguments.subject));
  const auto cache = REBURST_TRY(session.open_cache());
  const auto work = REBURST_TRY(cache.make_temp("trial"));
  const auto progress = session.progress();
  const trial::Options options{.release = REBURST_TRY(trial::open_release(folder, session.pipeline_options().jobs)),
                               .work = work.path(),
                               .timeout_seconds = arguments.timeout_seconds,
                               .firmware = arguments.firmware};
  const auto report = REBURST_TRY(trial::run(options, *progress));
  (void)progress->finish();
  if (session.common.json) {
    REBURST_TRY(print(report_json(report, folder)));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(report_text(report, folder)));
  }
  if (report.passed()) return 0;
  return fail(ErrorCode::kTest, "the image failed its tests\n" + report.failures(),
              "see the recipe's tests: and the console above");
}

}  // namespace

Verb add_test(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("test", "Boot an image in QEMU and run its recipe's tests in it");
  auto arguments = std::make_shared<Arguments>();
  app->add_option("ROLE", arguments->subject,
                  "A role or a recipe's path (its newest release under --out), or a release folder")
      ->required();
  app->add_option("--timeout", arguments->timeout_seconds, "Limit for boot and tests together, in seconds")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400).description(""))
      ->capture_default_str();
  app->add_flag(
      "--firmware", arguments->firmware,
      "Boot by UEFI firmware through the UKI; http tests only, as the released image has no door for commands");
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst test web                             the newest release under out/web\n"
      "  reburst test out/web/20260711T101637Z --json\n"
      "  reburst test web --firmware                  as real hardware boots it");
  return {.app = app,
          .run = [&session, arguments] { return test(session, *arguments); },
          .supervised = true,
          .root = false};
}

}  // namespace reburst::cli
