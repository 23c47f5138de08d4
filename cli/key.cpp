#include <set>

#include "cli/key_options.hpp"
#include "cli/secure_boot_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/repository/old_keys.hpp"
#include "registry/repository/publish.hpp"
#include "signing/sign/key_setup.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions registry;
  std::string file, type = "ed25519", offline, old_keys, proposal;
  std::vector<std::string> old_root_keys;
  bool encrypt = false, secure_boot = false;
};

// root and targets away from the machine that publishes.
VerbResult create_split(const Session& session, const Arguments& arguments) {
  const auto folder = keys_path(session, arguments.registry);
  REBURST_TRY(require_folder(folder, "--keys"));
  REBURST_TRY(require_folder(arguments.offline, "--offline"));
  std::string passphrase;
  if (arguments.encrypt || arguments.registry.passphrase_fd >= 0)
    passphrase = REBURST_TRY(new_passphrase(session, arguments.registry, arguments.offline));
  REBURST_TRY(signing::create_split_keys(folder, arguments.offline, passphrase,
                                         add_openpgp_key(session, "Reburst registry key")));
  if (session.common.json) {
    REBURST_TRY(
        print(canonical_json({{"folder", folder.string()}, {"offline", arguments.offline}, {"development", false}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(arguments.offline + "  root and targets" + (passphrase.empty() ? ", in plain files" : "") +
                      ": keep it offline, and a copy elsewhere\n" + folder.string() +
                      "  snapshot, timestamp, channel: publishes\n"));
  }
  return 0;
}

VerbResult create_folder(const Session& session, const Arguments& arguments) {
  if (arguments.encrypt || arguments.registry.passphrase_fd >= 0) {
    return fail(ErrorCode::kUsage, "development keys are plain files, and not encrypted",
                "with --offline DIR the keys of root and targets lie in a folder of their own, encrypted");
  }
  const auto folder = keys_path(session, arguments.registry);
  REBURST_TRY(require_folder(folder, "--keys"));
  REBURST_TRY(signing::create_development_keys(folder, add_openpgp_key(session, "Reburst development key")));
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
    passphrase = REBURST_TRY(new_passphrase(session, arguments.registry, arguments.file));
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
  const auto folder = REBURST_TRY(read_keys(keys_path(session, arguments.registry)));
  const auto ask = ask_passphrase(session, arguments.registry);
  Json json = Json::array();
  std::string out = folder.path.string() + (folder.development ? "  (development keys)\n" : "\n");
  for (const auto& [role, setup] : folder.roles) {
    const auto keys = REBURST_TRY(signing::public_keys(folder, setup, ask));
    out += role_line(role, setup);
    Json ids = Json::array();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::error_code ignored;
      const bool here = setup.keys[i].starts_with("pkcs11:") ||
                        (!setup.keys[i].ends_with(".pub") && fs::exists(folder.path / setup.keys[i], ignored));
      out += "  " + keys[i].id() + "  " + setup.keys[i] + (here ? "\n" : "  (private key elsewhere)\n");
      ids.push_back({{"id", keys[i].id()}, {"key", setup.keys[i]}, {"signs_here", here}});
    }
    json.push_back(
        {{"role", role}, {"threshold", setup.threshold}, {"expires_days", setup.expires_days}, {"keys", ids}});
  }
  REBURST_TRY(print(session.common.json ? canonical_json({{"folder", folder.path.string()}, {"roles", json}}) : out));
  return 0;
}

// The keys that readers trust until now, as far as they are at hand: of the root, and of other roles whose keys leave.
Result<std::vector<std::unique_ptr<signing::Signer>>> old_keys(const Session& session, const Arguments& arguments,
                                                               const registry::Metadata& metadata) {
  const auto ask = ask_passphrase(session, arguments.registry);
  std::vector<std::unique_ptr<signing::Signer>> out;
  if (!arguments.old_keys.empty()) {
    const auto folder = REBURST_TRY(read_keys(arguments.old_keys, "--from"));
    out = REBURST_TRY(signing::signers(folder, signing::role_setup(folder, "root"), ask));
    std::set<std::string> leave;
    for (const char* role : {"targets", "snapshot", "timestamp"}) {
      const auto& trusted = metadata.root().roles.at(role).keyids;
      leave.insert(trusted.begin(), trusted.end());
      const auto& now = metadata.publisher().keys;
      for (const auto& key : REBURST_TRY(signing::public_keys(now, signing::role_setup(now, role), ask)))
        leave.erase(key.id());
    }
    for (auto& key : registry::signers_beside({.keys = folder, .ask = ask, .now = 0}, leave))
      out.push_back(std::move(key));
  }
  for (const auto& key : arguments.old_root_keys)
    out.push_back(REBURST_TRY(signing::open_signer(key, ask, arguments.registry.pkcs11_module)));
  return out;
}

// The registry's keys become those of the key folder.
VerbResult rotate(const Session& session, const Arguments& arguments) {
  const auto progress = session.progress();
  auto who = REBURST_TRY(publisher(session, arguments.registry, false, *progress));
  auto metadata = REBURST_TRY(registry::open_to_change(arguments.registry.registry, std::move(who), false, *progress));
  const auto changed = REBURST_TRY(metadata.rotate_keys(REBURST_TRY(old_keys(session, arguments, metadata))));
  if (!changed.empty()) REBURST_TRY(commit_or_propose(metadata, arguments.proposal, *progress));
  (void)progress->finish();
  const auto version = metadata.root().header.version;
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"root", version}, {"changed", changed}, {"proposal", arguments.proposal}})));
    return 0;
  }
  if (session.common.quiet) return 0;
  if (changed.empty()) {
    REBURST_TRY(print("the registry has these keys already\n"));
  } else if (!arguments.proposal.empty()) {
    REBURST_TRY(print("other keys for " + join(changed, ", ") + " proposed in " + arguments.proposal + "\n"));
  } else {
    REBURST_TRY(print("other keys for " + join(changed, ", ") + ": readers follow, root is version " +
                      std::to_string(version) + "\n"));
  }
  return 0;
}

}  // namespace

std::string role_line(const std::string& role, const signing::RoleSetup& setup) {
  return role + ": " + std::to_string(setup.threshold) + " of " + std::to_string(setup.keys.size()) +
         (setup.keys.size() == 1 ? " key" : " keys") + ", metadata for " + std::to_string(setup.expires_days) +
         (setup.expires_days == 1 ? " day\n" : " days\n");
}

std::vector<Verb> add_key(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("key", "Make and show the keys that sign releases");
  app->require_subcommand(1);
  app->footer(
      "Examples:\n"
      "  reburst key create                      development keys, where publish finds them\n"
      "  reburst key create --secure-boot        the keys that boot programs are signed with\n"
      "  reburst key list --keys ./keys");
  auto arguments = std::make_shared<Arguments>();
  auto* create =
      app->add_subcommand("create", "Make a folder of development keys, one key pair, or the keys of Secure Boot");
  create->add_option("FILE", arguments->file,
                     "Make one key pair: FILE and FILE.pub; without it a folder of development keys");
  create->add_option("--type", arguments->type, "Of one key: ed25519 or ecdsa-p256")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"ed25519", "ecdsa-p256"}).description(""))
      ->capture_default_str();
  create->add_flag("--encrypt", arguments->encrypt, "Ask for a passphrase and encrypt the key with it");
  create
      ->add_option("--offline", arguments->offline,
                   "Put the keys of root and targets into this folder, and only their public halves into --keys")
      ->type_name("DIR");
  create
      ->add_flag("--secure-boot", arguments->secure_boot,
                 "Make the keys of Secure Boot instead (PK, KEK, db), and what firmware wants of them")
      ->excludes("FILE")
      ->excludes("--type")
      ->excludes("--offline");
  add_publisher_options(*create, arguments->registry);
  add_output_options(*create, session);
  create->footer(
      "Examples:\n"
      "  reburst key create                                  development keys, in your data folder\n"
      "  reburst key create --keys ./keys                    the same elsewhere\n"
      "  reburst key create --keys ./keys --offline /media/usb/keys --encrypt\n"
      "  reburst key create anna.pem --encrypt               one key pair: anna.pem, and anna.pub for others\n"
      "  reburst key create --secure-boot                    PK, KEK and db, for what machines boot");
  auto* show = app->add_subcommand("list", "Print the keys of a key folder, by role");
  add_publisher_options(*show, arguments->registry);
  add_output_options(*show, session);
  show->footer("Examples:\n  reburst key list --keys ./keys");
  auto* rotate_app = app->add_subcommand("rotate", "Let a registry's keys and thresholds be those of the key folder");
  rotate_app
      ->add_option(
          "--old-key", arguments->old_root_keys,
          "A key that is replaced (file or pkcs11: URI): the root's signs the new root once more, another's what "
          "readers of the old root get until they have the new one")
      ->type_name("FILE");
  rotate_app->add_option("--from", arguments->old_keys, "The same for all such keys of another key folder")
      ->type_name("DIR");
  rotate_app
      ->add_option("--propose", arguments->proposal,
                   "Write the change to FILE, for others to sign, instead of publishing it")
      ->type_name("FILE");
  add_publisher_options(*rotate_app, arguments->registry);
  add_output_options(*rotate_app, session);
  rotate_app->footer(
      "Examples:\n"
      "  reburst key rotate --keys ./keys --registry /srv/registry --propose rotation.proposal\n"
      "  reburst key rotate --old-key keys/root-2026.pem\n"
      "  reburst key rotate --from ./keys-2026 --keys ./keys-2027 --registry /srv/registry");
  auto verbs = add_key_setup(*app, session);
  verbs.push_back({rotate_app, [&session, arguments] { return rotate(session, *arguments); }});
  verbs.push_back(add_key_nvram(*app, session));
  verbs.push_back({create, [&session, arguments] {
                     if (arguments->secure_boot)
                       return create_secure_boot_keys(session, arguments->registry, arguments->encrypt);
                     if (!arguments->file.empty()) return create_one(session, *arguments);
                     return arguments->offline.empty() ? create_folder(session, *arguments)
                                                       : create_split(session, *arguments);
                   }});
  verbs.push_back({show, [&session, arguments] { return list(session, *arguments); }});
  return verbs;
}

}  // namespace reburst::cli
