#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/repository/openpgp.hpp"
#include "registry/repository/publish.hpp"
#include "signing/sign/key_folder.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions registry;
  std::string file, type = "ed25519", old_keys;
  bool encrypt = false;
};

VerbResult create_folder(const Session& session, const Arguments& arguments) {
  const auto folder = keys_path(session, arguments.registry);
  const auto keys = REBURST_TRY(signing::create_development_keys(folder));
  REBURST_TRY(
      registry::create_openpgp_key(folder / "openpgp.key", "Reburst development key", session.surroundings.now));
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"folder", folder.string()}, {"development", true}})));
    return 0;
  }
  REBURST_TRY(print(
      bold("These are DEVELOPMENT keys.", session.surroundings.colour) +
      " They lie in plain files, the root's beside the others: whoever can\nread the folder can sign as you, and a "
      "registry that they sign proves nothing to anybody else.\nFor real releases keep the root key offline and the "
      "others in tokens: docs/how-to/ tells how.\n" +
      folder.string() + "\n"));
  return 0;
}

VerbResult create_one(const Session& session, const Arguments& arguments) {
  const auto type = arguments.type == "ed25519" ? signing::KeyType::kEd25519 : signing::KeyType::kEcdsaP256;
  std::string passphrase;
  if (arguments.encrypt || arguments.registry.passphrase_fd >= 0)
    passphrase = REBURST_TRY(ask_passphrase(session, arguments.registry)(arguments.file));
  const auto key = REBURST_TRY(signing::create_key(arguments.file, type, passphrase));
  if (session.common.json) {
    REBURST_TRY(
        print(canonical_json({{"file", arguments.file}, {"public", arguments.file + ".pub"}, {"id", key.id()}})));
    return 0;
  }
  REBURST_TRY(print(key.id() + "  " + arguments.file + "\n"));
  return 0;
}

VerbResult list(const Session& session, const Arguments& arguments) {
  const auto folder = REBURST_TRY(signing::read_key_folder(keys_path(session, arguments.registry)));
  const auto ask = ask_passphrase(session, arguments.registry);
  Json json = Json::array();
  std::string out = folder.path.string() + (folder.development ? "  (development keys)\n" : "\n");
  for (const auto& [role, setup] : folder.roles) {
    const auto keys = REBURST_TRY(signing::public_keys(folder, setup, ask));
    out += role + ": " + std::to_string(setup.threshold) + " of " + std::to_string(keys.size()) + ", metadata for " +
           std::to_string(setup.expires_days) + " days\n";
    Json ids = Json::array();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      out += "  " + keys[i].id() + "  " + setup.keys[i] + "\n";
      ids.push_back({{"id", keys[i].id()}, {"key", setup.keys[i]}});
    }
    json.push_back(
        {{"role", role}, {"threshold", setup.threshold}, {"expires_days", setup.expires_days}, {"keys", ids}});
  }
  REBURST_TRY(print(session.common.json ? canonical_json({{"folder", folder.path.string()}, {"roles", json}}) : out));
  return 0;
}

// All keys become those of --keys; the old root keys, which readers trust, sign the new root too.
VerbResult rotate(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  const auto ask = ask_passphrase(session, arguments.registry);
  auto who = REBURST_TRY(publisher(session, arguments.registry, false, *progress));
  const auto old = REBURST_TRY(signing::read_key_folder(arguments.old_keys));
  auto old_root = REBURST_TRY(signing::signers(old, signing::role_setup(old, "root"), ask));
  auto metadata = REBURST_TRY(registry::Metadata::open(arguments.registry.registry, std::move(who), false));
  REBURST_TRY(metadata.rotate_keys(std::move(old_root)));
  REBURST_TRY(registry::commit(metadata, *progress));
  (void)progress->finish();
  const auto version = metadata.root().header.version;
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"root", version}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(print("root " + std::to_string(version) + " is published: readers that trust an older root follow\n"));
  }
  return 0;
}

}  // namespace

std::vector<Verb> add_key(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("key", "Make and show the keys that sign releases");
  app->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();
  auto* create = app->add_subcommand("create", "Make a folder of development keys, or one key pair");
  create->add_option("FILE", arguments->file,
                     "Make one key pair: FILE and FILE.pub; without it a folder of development keys");
  create->add_option("--type", arguments->type, "Of one key: ed25519 or ecdsa-p256")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"ed25519", "ecdsa-p256"}).description(""))
      ->capture_default_str();
  create->add_flag("--encrypt", arguments->encrypt, "Ask for a passphrase and encrypt the key with it");
  add_publisher_options(*create, arguments->registry);
  add_output_options(*create, session);
  create->footer(
      "Examples:\n"
      "  reburst key create                                  development keys, in your data folder\n"
      "  reburst key create --keys ./keys                    the same elsewhere\n"
      "  reburst key create root-1.pem --encrypt             one key pair for a key folder of your own");
  auto* show = app->add_subcommand("list", "Print the keys of a key folder, by role");
  add_publisher_options(*show, arguments->registry);
  add_output_options(*show, session);
  show->footer("Examples:\n  reburst key list --keys ./keys");
  auto* rotate_app = app->add_subcommand("rotate", "Replace the keys of a registry by those of another key folder");
  rotate_app
      ->add_option("--from", arguments->old_keys, "The key folder that signed until now; its root keys sign once more")
      ->type_name("DIR")
      ->required();
  add_publisher_options(*rotate_app, arguments->registry);
  add_output_options(*rotate_app, session);
  rotate_app->footer("Examples:\n  reburst key rotate --from ./keys-2026 --keys ./keys-2027 --registry /srv/registry");
  return {{rotate_app, [&session, arguments] { return rotate(session, *arguments); }},
          {create,
           [&session, arguments] {
             return arguments->file.empty() ? create_folder(session, *arguments) : create_one(session, *arguments);
           }},
          {show, [&session, arguments] { return list(session, *arguments); }}};
}

}  // namespace reburst::cli
