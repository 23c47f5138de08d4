// A registry as one file, for sites without a network: registry export, registry import.
#include "registry/bundle/bundle.hpp"

#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions registry;
  std::string file;
  std::vector<std::string> selection;
  bool dry_run = false;
};

std::string releases_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " release" : " releases");
}

VerbResult export_to(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  const auto now = session.surroundings.now;
  auto metadata = REBURST_TRY(
      open_to_read(registry::Publisher{.keys = {}, .ask = {}, .now = now}, arguments.registry.registry, *progress));
  const auto jobs = session.pipeline_options().jobs;
  const bundle::ExportOptions options{.file = arguments.file,
                                      .selection = arguments.selection,
                                      .now = now,
                                      .root_hash = root_hash_of_disk(jobs),
                                      .jobs = jobs,
                                      .dry_run = arguments.dry_run};
  const auto done = REBURST_TRY(bundle::export_bundle(metadata, options, *progress));
  (void)progress->finish();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"file", arguments.file},
                                      {"channels", done.channels},
                                      {"releases", done.releases},
                                      {"bytes", done.bytes},
                                      {"usable_until", iso_time(done.usable_until)},
                                      {"dry_run", arguments.dry_run}})));
    return 0;
  }
  if (session.common.quiet) return 0;
  REBURST_TRY(print((arguments.dry_run ? "would export " : "exported ") + join(done.channels, ", ") + ": " +
                    releases_text(done.releases) + ", " + human_size(done.bytes) + "\n  can be imported until " +
                    iso_time(done.usable_until) + "\n" + (arguments.dry_run ? "" : arguments.file + "\n")));
  return 0;
}

VerbResult import_from(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  const auto jobs = session.pipeline_options().jobs;
  const bundle::ImportOptions options{.file = arguments.file,
                                      .registry = arguments.registry.registry,
                                      .root = REBURST_TRY(trusted_root(session, arguments.registry)),
                                      .now = session.surroundings.now,
                                      .root_hash = root_hash_of_disk(jobs),
                                      .jobs = jobs,
                                      .dry_run = arguments.dry_run};
  const auto done = REBURST_TRY(bundle::import_bundle(options, *progress));
  (void)progress->finish();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"registry", arguments.registry.registry},
                                      {"channels", done.channels},
                                      {"releases", done.releases},
                                      {"bytes", done.bytes},
                                      {"usable_until", iso_time(done.usable_until)},
                                      {"replaced", done.replaced},
                                      {"dry_run", arguments.dry_run}})));
    return 0;
  }
  if (session.common.quiet) return 0;
  REBURST_TRY(print((arguments.dry_run ? "verified; would import " : "verified and imported ") +
                    join(done.channels, ", ") + ": " + releases_text(done.releases) +
                    (done.replaced ? ", in place of the registry that was there" : "") +
                    "\n  clients accept it until " + iso_time(done.usable_until) + "\n" +
                    (arguments.dry_run ? "" : arguments.registry.registry + "\n")));
  return 0;
}

}  // namespace

std::vector<Verb> add_bundle(CLI::App& registry, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* export_app = registry.add_subcommand("export", "Write a registry, or some channels, as one file");
  export_app->add_option("FILE", arguments->file, "The bundle; replaced when it is there")->required();
  export_app->add_option("SELECTION", arguments->selection, "ROLE or ROLE@CHANNEL (default: everything)");
  export_app->add_option("--registry", arguments->registry.registry, "The registry's folder (default: registry)")
      ->type_name("DIR");
  export_app->add_flag("--dry-run", arguments->dry_run, "Check everything, and write nothing");
  add_common(*export_app, session);
  export_app->footer(
      "Examples:\n"
      "  reburst registry export site.tar --registry /srv/registry\n"
      "  reburst registry export site.tar web@stable db    those channels alone");
  auto* import_app = registry.add_subcommand("import", "Verify such a file and make a registry of it");
  import_app->add_option("FILE", arguments->file, "The bundle")->required();
  import_app
      ->add_option("--registry", arguments->registry.registry,
                   "The registry's folder: a new one, or one that an earlier bundle made (default: registry)")
      ->type_name("DIR");
  import_app
      ->add_option("--root", arguments->registry.root, "The root.json that is trusted (default: that of your own keys)")
      ->type_name("FILE");
  import_app->add_option("--keys", arguments->registry.keys, "Folder of your keys, whose root.json is the default")
      ->type_name("DIR");
  import_app->add_flag("--dry-run", arguments->dry_run, "Verify everything, and change nothing");
  add_common(*import_app, session);
  import_app->footer(
      "Examples:\n"
      "  reburst registry import site.tar --registry /srv/registry --root root.json\n"
      "  reburst registry import site.tar --registry /srv/registry --root root.json --dry-run");
  return {{export_app, [&session, arguments] { return export_to(session, *arguments); }},
          {import_app, [&session, arguments] { return import_from(session, *arguments); }}};
}

}  // namespace reburst::cli
