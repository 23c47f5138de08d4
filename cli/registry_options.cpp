#include "cli/registry_options.hpp"

#include <algorithm>

#include "builder/describe/manifest.hpp"
#include "builder/image/read_disk.hpp"
#include "builder/recipe/recipe.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/client/root_chain.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/openpgp.hpp"
#include "registry/repository/proposal.hpp"
#include "registry/repository/publish.hpp"

namespace reburst::cli {

namespace {

constexpr const char* kGroup = "Registry options";
constexpr std::uint64_t kMaxRoot = 1U << 20U;
constexpr std::string_view kRootName = "root.json";

// What makes a release of `subject` where it was looked for.
std::string build_command(const std::string& subject, const Session& session) {
  std::error_code ignored;
  if (subject.find('/') != std::string::npos && !fs::is_regular_file(subject, ignored))
    return "name a role, the file of a recipe, or the folder that a build printed as its last line";
  const auto& out = session.common.out;
  return "build it first: " + session.command("build") + " " + shell_word(subject) +
         (out == CommonOptions().out ? "" : " --out " + shell_word(out));
}

void add_deadline(CLI::App& app, RegistryOptions& options) {
  app.add_option("--deadline", options.deadline,
                 "Give up a metadata file that has not come after so many seconds (300), other files and chunks after "
                 "so many and one more for each 100 bytes that are expected of them, and a connection that all but "
                 "stands still for as long (at most 30)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400).description(""))
      ->group(kGroup);
}

}  // namespace

void add_reader_options(CLI::App& app, RegistryOptions& options) {
  app.add_option("--registry", options.registry, "The registry: a folder, or an http(s) address (default: registry)")
      ->type_name("DIR|URL")
      ->group(kGroup);
  app.add_option("--root", options.root, "The root.json that is trusted (default: that of your own keys)")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--keys", options.keys, "Folder of your keys, whose root.json is the default")
      ->type_name("DIR")
      ->group(kGroup);
  add_deadline(app, options);
}

void add_publisher_options(CLI::App& app, RegistryOptions& options) {
  app.add_option("--registry", options.registry, "The registry's folder (default: registry)")
      ->type_name("DIR")
      ->group(kGroup);
  app.add_option("--keys", options.keys, "Folder of the keys that sign")->type_name("DIR")->group(kGroup);
  app.add_option("--passphrase-fd", options.passphrase_fd, "Read the keys' passphrase from this descriptor")
      ->type_name("N")
      ->check(CLI::Range(0, 1023).description(""))
      ->group(kGroup);
  app.add_option("--pkcs11-module", options.pkcs11_module, "Module for keys that are pkcs11: URIs")
      ->type_name("FILE")
      ->group(kGroup);
}

CLI::Validator one_line(const std::string& what) {
  const auto fits = [what](const std::string& text) {
    const auto good = registry::check_line(text, what);
    return good ? std::string() : good.error().message;
  };
  return {fits, "", "one line"};
}

CLI::Option* add_reason(CLI::App& app, std::string& reason, const char* what) {
  return app.add_option("--reason", reason, what)->type_name("TEXT")->check(one_line("the reason"));
}

std::filesystem::path keys_path(const Session& session, const RegistryOptions& options) {
  return options.keys.empty() ? session.surroundings.default_keys : options.keys;
}

signing::AddToFolder add_openpgp_key(const Session& session, const std::string& user_id) {
  return [now = session.surroundings.now, user_id](const fs::path& folder) {
    return registry::create_openpgp_key(folder / "openpgp.key", user_id, now);
  };
}

Result<signing::KeyFolder> read_keys(const fs::path& path, std::string_view option) {
  auto keys = signing::read_key_folder(path);
  if (!keys && keys.error().code == ErrorCode::kMissing && keys.error().hint.empty())
    keys.error().hint = "name a folder that \"reburst key create\" made with " + std::string(option);
  return keys;
}

Result<registry::Publisher> publisher(const Session& session, const RegistryOptions& options, bool create_keys,
                                      Progress& progress) {
  if (options.registry.find("://") != std::string::npos) {
    return fail(ErrorCode::kUsage,
                "\"" + options.registry + "\" is an address, and a registry is changed in its folder",
                "name the folder that the web server serves");
  }
  const auto folder = keys_path(session, options);
  std::error_code ignored;
  if (!fs::exists(folder / "keys.json", ignored) && create_keys && options.keys.empty()) {
    progress.note("warning: no keys were configured: development keys are made in " + folder.string() +
                  "; whoever can read them can sign as you");
    const auto made = signing::create_development_keys(folder, add_openpgp_key(session, "Reburst development key"));
    // Somebody else may have been quicker: then those are the keys.
    if (!made && !fs::exists(folder / "keys.json", ignored)) return fail(made.error());
  }
  auto keys = REBURST_TRY(read_keys(folder));
  REBURST_TRY(require_folder(options.registry, "--registry"));
  if (keys.development) progress.note("warning: signing with development keys (" + folder.string() + ")");
  if (!options.pkcs11_module.empty()) keys.pkcs11_module = options.pkcs11_module;
  return registry::Publisher{
      .keys = std::move(keys), .ask = ask_passphrase(session, options), .now = session.surroundings.now};
}

Result<registry::Metadata> open_to_read(registry::Publisher who, const std::string& registry, Progress& progress) {
  auto out = REBURST_TRY(registry::Metadata::open_to_read(registry, std::move(who)));
  if (!out.locked())
    progress.note("note: \"" + registry + "\" has no lock that can be held: nobody may publish to it meanwhile");
  return out;
}

Result<> commit_or_propose(registry::Metadata& metadata, const std::string& proposal, Progress& progress) {
  if (proposal.empty()) return registry::commit(metadata, progress);
  return registry::write_proposal(proposal, REBURST_TRY(registry::propose(metadata)));
}

Result<std::string> trusted_root(const Session& session, const RegistryOptions& options) {
  if (!options.root.empty()) {
    auto text = REBURST_TRY(read_file(options.root, kMaxRoot));
    REBURST_TRY(client::check_trusted_root(text, options.root));
    return text;
  }
  const auto own = keys_path(session, options) / kRootName;
  std::error_code ignored;
  if (fs::exists(own, ignored)) return read_file(own, kMaxRoot);
  return fail(ErrorCode::kUsage, "no root was named, and there is none of your own",
              "name the publisher's root.json with --root: you get it from the publisher, and not from the registry");
}

Result<std::string> image_trust_root(const fs::path& file) {
  if (file.empty()) return "";
  const auto text = REBURST_TRY(read_regular_file(file, kMaxRoot));
  const auto root = REBURST_TRY(tuf::parse<tuf::Root>(text, file.string()));
  REBURST_TRY(tuf::check_threshold(root.signed_bytes, root.signatures, root.body.roles.at("root"), root.body.keys,
                                   file.string()));
  return canonical_json(REBURST_TRY(parse_json(text, file.string())));
}

fs::path state_folder(const Session& session, const std::string& root, const std::string& registry) {
  return fs::path(session.surroundings.default_state) / "trust" / client::state_name(root, registry);
}

Result<Epoch> latest_time(const Session& session, const std::string& root) {
  const auto seen = REBURST_TRY(
      client::latest_time(fs::path(session.surroundings.default_state) / "trust" / client::state_name(root)));
  return std::max(session.surroundings.now, seen);
}

Result<client::Remote> open_remote(const Session& session, const RegistryOptions& options,
                                   const std::vector<std::string>& roles) {
  std::error_code ignored;
  if (options.registry.find("://") == std::string::npos && !fs::is_directory(options.registry, ignored)) {
    return fail(ErrorCode::kMissing, "there is no registry at \"" + options.registry + "\"",
                "name its folder or its address with --registry");
  }
  auto fetch = session.pipeline_options().fetch;
  fetch.deadline_seconds = options.deadline;
  if (options.deadline != 0) fetch.stall_seconds = std::min(fetch.stall_seconds, options.deadline);
  auto root = REBURST_TRY(trusted_root(session, options));
  const auto state = state_folder(session, root, options.registry);
  const auto now = REBURST_TRY(latest_time(session, root));  // of all places: a new mirror does not set the clock back
  return client::Remote::open(
      {.registry = options.registry, .root = std::move(root), .state = state, .now = now, .fetch = std::move(fetch)},
      roles);
}

std::vector<std::string> roles_for(const client::Reference& reference) {
  if (reference.channel.empty()) return {};
  return {registry::channel_role(reference.role, reference.channel)};
}

client::RootHash root_hash_of_disk(std::size_t jobs) {
  // Beside it the disk's digest is made, which keeps one processor busy.
  return
      [jobs = jobs > 1 ? jobs - 1 : 1](const std::filesystem::path& disk) { return image::disk_root_hash(disk, jobs); };
}

Json release_json(const client::ChannelRelease& release, const fs::path& folder) {
  return {{"role", release.role},
          {"channel", release.channel},
          {"version", release.version},
          {"root_hash", release.root_hash.hex()},
          {"folder", folder.string()}};
}

Result<fs::path> release_folder(const Session& session, const std::string& subject) {
  const fs::path out = session.common.out;
  std::error_code ignored;
  if (fs::is_regular_file(fs::path(subject) / describe::kManifestName, ignored)) return fs::path(subject);
  std::string role = subject;
  if (fs::is_regular_file(subject, ignored))  // a recipe, as `build` takes it
    role = REBURST_TRY(recipe::load(subject, {.recipes = session.pipeline_options().recipes})).role;
  fs::path newest;  // versions sort by time
  for (const auto& entry : fs::directory_iterator(out / role, ignored)) {
    const bool release = fs::is_regular_file(entry.path() / describe::kManifestName, ignored);
    if (release && entry.path().filename() > newest.filename()) newest = entry.path();
  }
  if (!newest.empty()) return newest;
  return fail(ErrorCode::kMissing,
              "no release of \"" + subject + "\": neither it nor a folder of \"" + (out / role).string() +
                  "\" holds a manifest.json",
              build_command(subject, session));
}

}  // namespace reburst::cli
