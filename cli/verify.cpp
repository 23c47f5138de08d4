#include "registry/client/verify.hpp"

#include "builder/image/read_disk.hpp"
#include "builder/inspect/compare.hpp"
#include "builder/inspect/measured_boot.hpp"
#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/client/evidence.hpp"
#include "registry/release/layout.hpp"

namespace reburst::cli {

namespace {

constexpr std::uint64_t kMaxEvidence = 256U << 20U;
constexpr std::uint64_t kMaxManifest = 64U << 20U;

struct Arguments {
  RegistryOptions registry;
  std::string subject, release;
};

// What is looked at: a release's folder, and its disk, which may lie elsewhere.
struct Subject {
  fs::path folder, disk;
  std::string file;        // what was named of the folder
  bool elsewhere = false;  // --release
};

bool is_file_of(const client::ChannelRelease& release, const std::string& file) {
  return std::any_of(release.files.begin(), release.files.end(), [&](const auto& one) { return one.name == file; });
}

// Whoever names a file asks about that file.
Result<> require_file_of(const client::ChannelRelease& release, const std::string& file) {
  if (file.empty() || is_file_of(release, file)) return {};
  return fail(ErrorCode::kIntegrity, "\"" + file + "\" is no file of " + release.role + " " + release.version,
              "only what the release names is vouched for");
}

Subject subject_of(const Arguments& arguments) {
  const fs::path named = arguments.subject;
  if (!arguments.release.empty()) return {arguments.release, named, "", true};
  std::error_code ignored;
  if (fs::is_directory(named, ignored)) return {named, {}, "", false};
  return {named.parent_path().empty() ? "." : named.parent_path(), {}, named.filename().string(), false};
}

Result<client::Checked> read_evidence(const Session& session, const Arguments& arguments, const fs::path& folder) {
  const auto path = folder / client::kEvidenceName;
  const auto root = REBURST_TRY(trusted_root(session, arguments.registry));
  const auto now = REBURST_TRY(latest_time(session, root));
  return client::check_evidence(REBURST_TRY(read_regular_file(path, kMaxEvidence)), root, now, path.string());
}

// Where the disk differs from the release, of which the manifest is trusted; nothing to say where the release's own
// files are not there to tell.
std::vector<inspect::Difference> find_differences(const fs::path& folder, const fs::path& disk,
                                                  const std::optional<Digest>& manifest_digest, std::size_t jobs) {
  const auto path = folder / describe::kManifestName;
  const auto text = read_regular_file(path, kMaxManifest);
  if (!text || (manifest_digest && sha256(*text) != *manifest_digest)) return {};
  const auto manifest = describe::parse(*text, path.string());
  if (!manifest) return {};
  const auto expected = inspect::read_expected(folder, *manifest);
  if (!expected) return {};
  return inspect::compare_disk(disk, *expected, jobs).value_or(std::vector<inspect::Difference>());
}

// Of a folder and a disk that were verified. A manifest that names no measured boot may be of any format.
Result<> check_measured_boot(const fs::path& folder, const fs::path& disk, TerminalProgress& progress) {
  const auto path = folder / describe::kManifestName;
  const auto text = REBURST_TRY(read_regular_file(path, kMaxManifest));
  if (!REBURST_TRY(parse_json(text, path.string())).contains("measured_boot")) return {};
  const auto manifest = REBURST_TRY(describe::parse(text, path.string()));
  if (REBURST_TRY(inspect::check_measured_boot(manifest, folder, disk)) == inspect::MeasuredBoot::kNotKnown)
    progress.note("note: the manifest's measured boot was not compared: nothing is known of this boot stub");
  return {};
}

VerbResult refuse(const Session& session, Error error, const std::vector<inspect::Difference>& differences) {
  if (differences.empty()) return fail(std::move(error));
  error.message += "\n" + inspect::to_text(differences);
  return report(error, session.common.json, inspect::to_json(differences));
}

void note_others(const Subject& subject, const client::ChannelRelease& release, TerminalProgress& progress) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(subject.folder, ignored)) {
    const auto other = entry.path().filename().string();
    if (other != client::kEvidenceName && !is_file_of(release, other))
      progress.note("note: \"" + other + "\" lies there too, and is no file of the release");
  }
}

// Behind a shorter image, a device has bytes that nobody speaks of.
Result<> note_rest(const fs::path& disk, std::uint64_t size, TerminalProgress& progress) {
  const auto fd = REBURST_TRY(open_read(disk));
  const auto all = REBURST_TRY(image::disk_size(fd.get(), disk));
  if (all > size)
    progress.note("note: \"" + disk.string() + "\" is " + std::to_string(all - size) +
                  " bytes longer than the image; they were not looked at");
  return {};
}

Result<> check(const client::Checked& checked, const Subject& subject, std::size_t jobs, TerminalProgress& progress) {
  const auto& release = checked.release;
  const auto& targets = checked.metadata.delegated.at(registry::channel_role(release.role, release.channel));
  const auto keys = REBURST_TRY(client::statement_keys(targets, release.role, release.channel));
  const auto root_hash = root_hash_of_disk(jobs);
  if (subject.elsewhere)
    return client::verify_disk(release, subject.folder, subject.disk, keys, root_hash, jobs, progress);
  (void)REBURST_TRY(client::verify_release(release, subject.folder, keys, root_hash, jobs, progress));
  return {};
}

// Against what a publisher signed.
VerbResult verify_signed(const Session& session, const Arguments& arguments, Subject subject,
                         TerminalProgress& progress) {
  const auto checked = REBURST_TRY(read_evidence(session, arguments, subject.folder));
  for (const auto& note : checked.notes) progress.note("note: " + note);
  const auto& release = checked.release;
  REBURST_TRY(require_file_of(release, subject.file));
  note_others(subject, release, progress);
  if (!subject.elsewhere) subject.disk = subject.folder / client::disk_file(release);
  const auto jobs = session.pipeline_options().jobs;
  const auto result = check(checked, subject, jobs, progress);
  const auto find = [&](std::string_view name) {
    return std::find_if(release.files.begin(), release.files.end(), [&](const auto& one) { return one.name == name; });
  };
  if (!result) {
    const auto manifest = find(describe::kManifestName);
    const bool known = result.error().code == ErrorCode::kIntegrity && manifest != release.files.end();
    const auto where = known ? find_differences(subject.folder, subject.disk, manifest->sha256, jobs)
                             : std::vector<inspect::Difference>();
    (void)progress.finish();
    return refuse(session, result.error(), where);
  }
  REBURST_TRY(check_measured_boot(subject.folder, subject.disk, progress));
  if (subject.elsewhere) REBURST_TRY(note_rest(subject.disk, find(client::disk_file(release))->size, progress));
  (void)progress.finish();
  if (session.common.json) {
    auto json = release_json(release, subject.folder);
    json["notes"] = checked.notes;
    if (subject.elsewhere) json["disk"] = subject.disk.string();
    REBURST_TRY(print_json(json));
  } else if (!session.common.quiet) {
    const auto what = subject.elsewhere ? "\"" + subject.disk.string() + "\" is the disk of " : std::string();
    REBURST_TRY(print(what + release.role + " " + release.version +
                      (subject.elsewhere ? ", as" : " is the release that") + " its publisher signed" +
                      (subject.elsewhere ? " it" : "") + "\n  root hash " + release.root_hash.hex() + "\n"));
  }
  return 0;
}

// Against a folder that a build made: whoever names it vouches for it.
VerbResult verify_built(const Session& session, const Subject& subject, TerminalProgress& progress) {
  const auto path = subject.folder / describe::kManifestName;
  const auto manifest = REBURST_TRY(describe::parse(REBURST_TRY(read_regular_file(path, kMaxManifest)), path.string()));
  const auto disk = std::find_if(manifest.artifacts.begin(), manifest.artifacts.end(),
                                 [](const auto& one) { return one.kind == "disk"; });
  if (disk == manifest.artifacts.end())
    return fail(ErrorCode::kMissing, "the release in \"" + subject.folder.string() + "\" has no disk");
  progress.begin("verify", disk->size, Progress::Unit::kBytes);
  const auto result = client::check_disk(subject.disk, {disk->name, disk->size, disk->sha256}, progress);
  if (!result) {
    const bool differs = result.error().code == ErrorCode::kIntegrity;
    const auto where = differs ? find_differences(subject.folder, subject.disk, {}, session.pipeline_options().jobs)
                               : std::vector<inspect::Difference>();
    (void)progress.finish();
    return refuse(session, result.error(), where);
  }
  REBURST_TRY(check_measured_boot(subject.folder, subject.disk, progress));
  REBURST_TRY(note_rest(subject.disk, disk->size, progress));
  progress.note("note: no publisher's signature was checked: \"" + subject.folder.string() +
                "\" alone says what the disk has to be");
  (void)progress.finish();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"role", manifest.role},
                                      {"version", manifest.version},
                                      {"root_hash", manifest.root_hash.hex()},
                                      {"folder", subject.folder.string()},
                                      {"disk", subject.disk.string()}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(print("\"" + subject.disk.string() + "\" is the disk of " + manifest.role + " " + manifest.version +
                      "\n  root hash " + manifest.root_hash.hex() + "\n"));
  }
  return 0;
}

VerbResult verify(const Session& session, const Arguments& arguments) {
  const auto subject = subject_of(arguments);
  const auto progress = session.progress();
  std::error_code ignored;
  if (fs::exists(subject.folder / client::kEvidenceName, ignored))
    return verify_signed(session, arguments, subject, *progress);
  if (subject.elsewhere && fs::exists(subject.folder / describe::kManifestName, ignored))
    return verify_built(session, subject, *progress);
  if (subject.elsewhere)
    return fail(ErrorCode::kMissing,
                "\"" + subject.folder.string() + "\" has neither a trust.json nor a manifest.json, so it is no release",
                "name a folder that reburst pull or reburst build made");
  return fail(ErrorCode::kMissing, "\"" + subject.folder.string() + "\" has no trust.json, so nothing vouches for it",
              "verify a folder that reburst pull made, or name one that you trust with --release");
}

}  // namespace

Verb add_verify(CLI::App& root, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* app = root.add_subcommand("verify", "Verify a release or its disk against a root, without a network");
  app->add_option("DIR", arguments->subject, "The folder of a pulled release, or the disk image in it")->required();
  app->add_option("--release", arguments->release,
                  "DIR is a disk image or a block device anywhere, to be verified against the release in this folder")
      ->type_name("DIR");
  add_reader_options(*app, arguments->registry);
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst verify ./web --root root.json\n"
      "  reburst verify /dev/vdb --release ./web --root root.json      a disk that a clone booted from\n"
      "A disk that differs is compared with its release: where the first difference lies, and whose file it is.");
  return {.app = app, .run = [&session, arguments] { return verify(session, *arguments); }};
}

}  // namespace reburst::cli
