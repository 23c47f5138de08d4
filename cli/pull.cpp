#include "registry/client/pull.hpp"

#include "builder/image/read_disk.hpp"
#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/client/evidence.hpp"
#include "registry/release/layout.hpp"

namespace reburst::cli {

namespace {

constexpr std::uint64_t kMaxEvidence = 256U << 20U;

struct Arguments {
  RegistryOptions registry;
  std::string subject;
  std::vector<std::string> seeds;
  bool everything = false;
};

Json json_of(const client::VerifiedRelease& verified) {
  const auto& release = verified.release();
  return {{"role", release.role},
          {"channel", release.channel},
          {"version", release.version},
          {"root_hash", release.root_hash.hex()},
          {"folder", verified.folder().string()}};
}

VerbResult pull(const Session& session, const Arguments& arguments, bool out_given) {
  const auto reference = REBURST_TRY(client::parse_reference(arguments.subject));
  const auto common = session.pipeline_options();
  const auto progress = session.progress();
  auto cache = REBURST_TRY(session.open_cache());
  auto remote = REBURST_TRY(open_remote(session, arguments.registry, roles_for(reference)));
  fs::path out_folder = out_given ? fs::path(session.common.out) : fs::path("pulled") / reference.role;
  if (!out_folder.has_filename()) out_folder = out_folder.parent_path();  // "web/"
  client::PullOptions options{.out = out_folder,
                              .seeds = {arguments.seeds.begin(), arguments.seeds.end()},
                              .root_hash = root_hash_of_disk(common.jobs),
                              .disk_name = image::disk_name,
                              .everything = arguments.everything,
                              .jobs = common.jobs};
  const auto pulled = REBURST_TRY(client::pull(remote, reference, cache, options, *progress));
  (void)progress->finish();
  auto json = json_of(pulled.release);
  if (session.common.json) {
    json.update({{"downloaded", pulled.downloaded}, {"for_disk", pulled.for_disk}, {"from_seeds", pulled.from_seeds}});
    REBURST_TRY(print(canonical_json(json)));
    return 0;
  }
  std::string out;
  if (!session.common.quiet) {
    const auto& release = pulled.release.release();
    out = bold(release.role + " " + release.version, session.surroundings.colour) + "  verified\n  root hash   " +
          release.root_hash.hex() + "\n  downloaded  " + human_size(pulled.downloaded) + ", " +
          human_size(pulled.from_seeds) + " were here\n";
  }
  REBURST_TRY(print(out + options.out.string() + "\n"));
  return 0;
}

bool is_file_of(const client::ChannelRelease& release, const std::string& file) {
  return std::any_of(release.files.begin(), release.files.end(), [&](const auto& one) { return one.name == file; });
}

// Whoever names a file asks about that file.
Result<> require_file_of(const client::ChannelRelease& release, const std::string& file) {
  if (file.empty() || is_file_of(release, file)) return {};
  return fail(ErrorCode::kIntegrity, "\"" + file + "\" is no file of " + release.role + " " + release.version,
              "only what the release names is vouched for");
}

VerbResult verify(const Session& session, const Arguments& arguments) {
  fs::path folder = arguments.subject;
  std::error_code ignored;
  std::string file;  // what was named, when it is no folder
  if (!fs::is_directory(folder, ignored)) {
    file = folder.filename().string();
    folder = folder.parent_path().empty() ? "." : folder.parent_path();
  }
  const auto evidence_path = folder / client::kEvidenceName;
  if (!fs::exists(evidence_path, ignored)) {
    return fail(ErrorCode::kMissing, "\"" + folder.string() + "\" has no trust.json, so nothing vouches for it",
                "verify a folder that reburst pull made");
  }
  const auto progress = session.progress();
  const auto jobs = session.pipeline_options().jobs;
  const auto root = REBURST_TRY(trusted_root(session, arguments.registry));
  const auto now = REBURST_TRY(latest_time(session, root));
  const auto checked = REBURST_TRY(
      client::check_evidence(REBURST_TRY(read_file(evidence_path, kMaxEvidence)), root, now, evidence_path.string()));
  for (const auto& note : checked.notes) progress->note("note: " + note);
  const auto& release = checked.release;
  REBURST_TRY(require_file_of(release, file));
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto other = entry.path().filename().string();
    if (other != client::kEvidenceName && !is_file_of(release, other))
      progress->note("note: \"" + other + "\" lies there too, and is no file of the release");
  }
  const auto& targets = checked.metadata.delegated.at(registry::channel_role(release.role, release.channel));
  const auto keys = REBURST_TRY(client::statement_keys(targets, release.role, release.channel));
  const auto verified =
      REBURST_TRY(client::verify_release(release, folder, keys, root_hash_of_disk(jobs), jobs, *progress));
  (void)progress->finish();
  if (session.common.json) {
    auto json = json_of(verified);
    json["notes"] = checked.notes;
    REBURST_TRY(print(canonical_json(json)));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(release.role + " " + release.version + " is the release that its publisher signed\n  root hash " +
                      release.root_hash.hex() + "\n"));
  }
  return 0;
}

}  // namespace

std::vector<Verb> add_pull(CLI::App& root, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* pull_app = root.add_subcommand("pull", "Fetch a release from a registry and verify every byte of it");
  pull_app->add_option("RELEASE", arguments->subject, "ROLE@CHANNEL or ROLE@VERSION")->required();
  pull_app->add_option("--seed", arguments->seeds, "An older disk image: what it shares is not downloaded")
      ->type_name("FILE");
  pull_app->add_flag("--all", arguments->everything, "Fetch the SBOMs and the file list too");
  add_reader_options(*pull_app, arguments->registry);
  add_common(*pull_app, session);
  pull_app->footer(
      "Examples:\n"
      "  reburst pull web@stable --registry https://images.example.org --root root.json --out web\n"
      "  reburst pull web@stable --seed old/web.raw        downloads only what changed");
  auto* verify_app = root.add_subcommand("verify", "Verify a pulled release against a root, without a network");
  verify_app->add_option("DIR", arguments->subject, "The folder, or the disk image in it")->required();
  add_reader_options(*verify_app, arguments->registry);
  add_common(*verify_app, session);
  verify_app->footer("Examples:\n  reburst verify ./web --root root.json");
  return {{pull_app,
           [&session, arguments, pull_app] { return pull(session, *arguments, pull_app->count("--out") != 0); }, true},
          {verify_app, [&session, arguments] { return verify(session, *arguments); }}};
}

}  // namespace reburst::cli
