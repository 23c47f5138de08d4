#include "registry/client/pull.hpp"

#include "builder/image/read_disk.hpp"
#include "cli/registry_options.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions registry;
  std::string subject;
  std::vector<std::string> seeds;
  bool everything = false;
};

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
  auto json = release_json(pulled.release.release(), pulled.release.folder());
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

}  // namespace

Verb add_pull(CLI::App& root, Session& session) {
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
  return {.app = pull_app,
          .run = [&session, arguments, pull_app] { return pull(session, *arguments, pull_app->count("--out") != 0); },
          .supervised = true,
          .root = false};
}

}  // namespace reburst::cli
