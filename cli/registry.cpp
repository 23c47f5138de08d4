// Upkeep of a registry: check, refresh, gc, hold, unhold; export and import are in bundle.cpp.
#include <algorithm>

#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/publish.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::cli {

namespace {

constexpr std::size_t kMaxKeep = 1'000'000;

struct Arguments {
  RegistryOptions registry;
  std::string role, version, reason, proposal;
  std::size_t keep = 3;
  bool dry_run = false, all = false;
};

Result<registry::Metadata> open_own(const Session& session, const Arguments& arguments, Progress& progress) {
  auto who = REBURST_TRY(publisher(session, arguments.registry, false, progress));
  if (arguments.dry_run) return registry::Metadata::open(arguments.registry.registry, std::move(who), false);
  return registry::open_to_change(arguments.registry.registry, std::move(who), false, progress);
}

std::string expiry_line(const registry::Expiry& one, Epoch now) {
  constexpr Epoch kHour = 3600;
  const auto left = one.expires - now;
  std::string name = "  " + one.role;
  name.resize(std::max<std::size_t>(name.size() + 1, 18), ' ');
  return name + iso_time(one.expires) +
         (left <= 0 ? "  EXPIRED"
                    : "  in " + std::to_string(left / kHour / 24) + " d " + std::to_string(left / kHour % 24) + " h") +
         "\n";
}

// Whoever keeps a copy without its keys checks it as well.
Result<registry::Metadata> open_to_check(const Session& session, const Arguments& arguments, Progress& progress) {
  std::error_code ignored;
  registry::Publisher who{.keys = {}, .ask = {}, .now = session.surroundings.now};
  if (fs::exists(keys_path(session, arguments.registry) / "keys.json", ignored) || !arguments.registry.keys.empty())
    who = REBURST_TRY(publisher(session, arguments.registry, false, progress));
  return open_to_read(std::move(who), arguments.registry.registry, progress);
}

VerbResult check(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  const auto metadata = REBURST_TRY(open_to_check(session, arguments, *progress));
  const auto jobs = session.pipeline_options().jobs;
  const auto faults = REBURST_TRY(registry::check(metadata, root_hash_of_disk(jobs), jobs, *progress));
  (void)progress->finish();
  Json expires = Json::array();
  Json wrong = Json::array();
  std::string out = "metadata expires\n";
  for (const auto& one : registry::expiries(metadata)) {
    expires.push_back({{"role", one.role}, {"expires", iso_time(one.expires)}});
    out += expiry_line(one, session.surroundings.now);
  }
  std::string text;
  for (const auto& fault : faults) {
    wrong.push_back({{"file", fault.file}, {"what", fault.what}});
    text += "\n  " + fault.file + " " + fault.what;
  }
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"expires", expires}, {"faults", wrong}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(out + (faults.empty() ? "every door shows what the metadata names\n" : "")));
  }
  if (faults.empty()) {
    // No client accepts what has expired, whatever the doors show.
    REBURST_TRY(registry::require_fresh(registry::expiries(metadata), session.surroundings.now,
                                        "sign it again with reburst registry refresh; of a copy, fetch a newer one"));
    return 0;
  }
  return fail(ErrorCode::kIntegrity, "the registry shows something else than its metadata names" + text,
              "restore those files from a copy of the registry, or publish the release again from its folder");
}

// What others have to sign: nothing is published yet.
VerbResult propose_refresh(const Session& session, const Arguments& arguments, registry::Metadata& metadata) {
  const auto renewed = registry::renew_due(metadata, arguments.all);
  if (!renewed.empty()) REBURST_TRY(commit_or_propose(metadata, arguments.proposal, *session.progress()));
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"proposal", arguments.proposal}, {"renewed", renewed}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(renewed.empty() ? "nothing expires soon\n"
                                      : join(renewed, ", ") + " proposed in " + arguments.proposal + "\n"));
  }
  return 0;
}

VerbResult refresh(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  auto metadata = REBURST_TRY(open_own(session, arguments, *progress));
  if (!arguments.proposal.empty()) return propose_refresh(session, arguments, metadata);
  const auto refreshed = REBURST_TRY(registry::refresh(metadata, arguments.all, *progress));
  for (const auto& role : refreshed.skipped)
    progress->note("warning: \"" + role + "\" " + (arguments.all ? "is not renewed" : "expires soon") +
                   ": its keys are not here");
  (void)progress->finish();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"renewed", refreshed.renewed}, {"skipped", refreshed.skipped}})));
    return 0;
  }
  std::string out;
  for (const auto& one : registry::expiries(metadata)) out += expiry_line(one, session.surroundings.now);
  if (!session.common.quiet) REBURST_TRY(print("metadata expires\n" + out));
  return 0;
}

VerbResult collect(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  auto metadata = REBURST_TRY(open_own(session, arguments, *progress));
  const auto collected = REBURST_TRY(registry::collect_garbage(metadata, arguments.keep, arguments.dry_run, *progress));
  Json unjudged = Json::array();
  for (const auto& one : collected.unjudged) {
    unjudged.push_back({{"file", one.file}, {"what", one.what}});
    progress->note("warning: \"" + one.file + "\" is damaged, and what it may name stays: " + one.what);
  }
  if (!collected.unjudged.empty()) {
    progress->note("hint: restore it from a copy of the registry; where it is of a release that is held, \"" +
                   session.surroundings.program + " registry unhold\" lets gc have it");
  }
  (void)progress->finish();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"releases", collected.releases},
                                      {"files", collected.files},
                                      {"bytes", collected.bytes},
                                      {"unjudged", unjudged},
                                      {"dry_run", arguments.dry_run}})));
    return 0;
  }
  std::string out;
  for (const auto& release : collected.releases) out += "- " + release + "\n";
  if (arguments.dry_run) {
    for (const auto& file : collected.files) out += "- " + file + "\n";
  }
  out += (arguments.dry_run ? "would remove " : "removed ") + std::to_string(collected.releases.size()) +
         " releases, " + std::to_string(collected.files.size()) + " files, " + human_size(collected.bytes) + "\n";
  if (!session.common.quiet) REBURST_TRY(print(out));
  return 0;
}

Result<> require_version(const registry::Metadata& metadata, const std::string& role, const std::string& version) {
  const auto known = REBURST_TRY(registry::versions_of(metadata, role));
  if (std::find(known.begin(), known.end(), version) != known.end()) return {};
  if (known.empty()) {
    return fail(ErrorCode::kMissing, "the registry has no release of \"" + role + "\"",
                "it has " + join(registry::roles_of(metadata), ", "));
  }
  return fail(ErrorCode::kMissing, "\"" + role + "\" has no release \"" + version + "\"",
              "it has " + join(known, ", "));
}

VerbResult hold(const Session& session, const Arguments& arguments, bool keep) {
  const auto progress = session.progress();
  const auto metadata = REBURST_TRY(open_own(session, arguments, *progress));
  if (keep) REBURST_TRY(require_version(metadata, arguments.role, arguments.version));
  auto holds = REBURST_TRY(registry::read_holds(metadata.registry()));
  const auto removed = std::erase_if(
      holds, [&](const auto& one) { return one.role == arguments.role && one.version == arguments.version; });
  if (keep) holds.push_back({arguments.role, arguments.version, arguments.reason});
  if (!keep && removed == 0)
    return fail(ErrorCode::kMissing, "nobody holds \"" + arguments.role + "\" " + arguments.version);
  REBURST_TRY(registry::write_holds(metadata.registry(), holds));
  Json json = Json::array();
  std::string out;
  for (const auto& one : holds) {
    json.push_back({{"role", one.role}, {"version", one.version}, {"reason", one.reason}});
    out += one.role + " " + one.version + "  " + one.reason + "\n";
  }
  if (session.common.json || !session.common.quiet)
    REBURST_TRY(print(session.common.json ? canonical_json({{"holds", json}}) : out));
  return 0;
}

}  // namespace

std::vector<Verb> add_registry(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("registry", "Look after a registry");
  app->require_subcommand(1);
  app->footer(
      "Examples:\n"
      "  reburst registry check --registry /srv/registry\n"
      "  reburst registry refresh --registry /srv/registry\n"
      "  reburst registry export site.tar --registry /srv/registry");
  auto arguments = std::make_shared<Arguments>();
  const auto add = [&](const char* name, const char* what, const char* examples) {
    auto* verb = app->add_subcommand(name, what);
    add_publisher_options(*verb, arguments->registry);
    add_common(*verb, session);
    verb->footer(std::string("Examples:\n") + examples);
    return verb;
  };
  auto* check_app = add("check", "Report what expires, and whether every door shows what the metadata names",
                        "  reburst registry check --registry /srv/registry");
  auto* refresh_app =
      add("refresh", "Sign again what expires soon",
          "  reburst registry refresh --registry /srv/registry\n"
          "  reburst registry refresh --propose year.proposal    for root and targets keys that are elsewhere");
  refresh_app->add_flag("--all", arguments->all, "Sign everything again, whether it expires soon or not");
  refresh_app
      ->add_option("--propose", arguments->proposal,
                   "Write what is due to FILE, for those who have the keys, instead of publishing it")
      ->type_name("FILE");
  auto* gc_app = add("gc", "Remove what no channel, rule or hold names",
                     "  reburst registry gc --keep 5 --dry-run\n  reburst registry gc --keep 5");
  gc_app
      ->add_option("--keep", arguments->keep,
                   "Releases that stay in each channel beside the one it points to: the newest")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{0}, kMaxKeep).description(""))
      ->capture_default_str();
  gc_app->add_flag("--dry-run", arguments->dry_run, "Print what would be removed, and change nothing");
  auto* hold_app = add("hold", "Keep a release whatever gc's rules say",
                       "  reburst registry hold web 20261121T161027Z --reason \"audit 2026\"");
  auto* unhold_app =
      add("unhold", "Let gc have a release that was held", "  reburst registry unhold web 20261121T161027Z");
  for (auto* verb : {hold_app, unhold_app}) {
    verb->add_option("ROLE", arguments->role, "The role")->required();
    verb->add_option("VERSION", arguments->version, "The release's version")->required();
  }
  add_reason(*hold_app, arguments->reason, "Why")->required();
  auto verbs = add_bundle(*app, session);
  verbs.push_back({check_app, [&session, arguments] { return check(session, *arguments); }});
  verbs.push_back({refresh_app, [&session, arguments] { return refresh(session, *arguments); }});
  verbs.push_back({gc_app, [&session, arguments] { return collect(session, *arguments); }});
  verbs.push_back({hold_app, [&session, arguments] { return hold(session, *arguments, true); }});
  verbs.push_back({unhold_app, [&session, arguments] { return hold(session, *arguments, false); }});
  return verbs;
}

}  // namespace reburst::cli
