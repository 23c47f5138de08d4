// Who signs what: key add, key remove, key set.
#include "signing/sign/key_setup.hpp"

#include <filesystem>

#include "cli/key_options.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions registry;
  std::string role;
  std::vector<std::string> keys;
  std::optional<unsigned> threshold, expires_days;
};

VerbResult save(const Session& session, const Arguments& arguments, const signing::KeyFolder& folder) {
  REBURST_TRY(signing::write_key_folder(folder));
  const auto& setup = signing::role_setup(folder, arguments.role);
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"role", arguments.role},
                                      {"threshold", setup.threshold},
                                      {"expires_days", setup.expires_days},
                                      {"keys", setup.keys}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(role_line(arguments.role, setup)));
  }
  return 0;
}

void set(signing::RoleSetup& setup, const Arguments& arguments) {
  if (arguments.threshold) setup.threshold = *arguments.threshold;
  if (arguments.expires_days) setup.expires_days = *arguments.expires_days;
}

Result<signing::KeyFolder> open_folder(const Session& session, const Arguments& arguments) {
  return read_keys(keys_path(session, arguments.registry));
}

VerbResult add(const Session& session, const Arguments& arguments) {
  auto folder = REBURST_TRY(open_folder(session, arguments));
  for (const auto& key : arguments.keys) REBURST_TRY(signing::add_key(folder, arguments.role, key));
  auto* setup = REBURST_TRY(signing::own_setup(folder, arguments.role, true));
  set(*setup, arguments);
  // Two names of one key would be found only by the next publication.
  REBURST_TRY(signing::public_keys(folder, *setup, ask_passphrase(session, arguments.registry)));
  return save(session, arguments, folder);
}

VerbResult remove(const Session& session, const Arguments& arguments) {
  auto folder = REBURST_TRY(open_folder(session, arguments));
  for (const auto& key : arguments.keys) REBURST_TRY(signing::remove_key(folder, arguments.role, key));
  set(*REBURST_TRY(signing::own_setup(folder, arguments.role, true)), arguments);
  return save(session, arguments, folder);
}

VerbResult change(const Session& session, const Arguments& arguments) {
  auto folder = REBURST_TRY(open_folder(session, arguments));
  set(*REBURST_TRY(signing::own_setup(folder, arguments.role, true)), arguments);
  return save(session, arguments, folder);
}

void add_options(CLI::App& app, Session& session, Arguments& arguments) {
  app.add_option("SIGNER", arguments.role,
                 "root, targets, snapshot, timestamp, channel (for all channels), or one channel such as web-stable")
      ->required();
  if (app.get_name() != "set")
    app.add_option("KEY", arguments.keys, "A key's file, or a pkcs11: URI")->required()->type_name("KEY");
  app.add_option("--threshold", arguments.threshold, "How many of its keys have to sign")
      ->type_name("N")
      ->check(CLI::Range(1, 64).description(""));
  app.add_option("--expires-days", arguments.expires_days, "After how many days what they sign expires")
      ->type_name("N")
      ->check(CLI::Range(1, 3650).description(""));
  app.add_option("--keys", arguments.registry.keys, "The key folder")->type_name("DIR");
  app.add_option("--passphrase-fd", arguments.registry.passphrase_fd, "Read a token's PIN from this descriptor")
      ->type_name("N")
      ->check(CLI::Range(0, 1023).description(""));
  add_output_options(app, session);
}

}  // namespace

std::vector<Verb> add_key_setup(CLI::App& key, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* add_app = key.add_subcommand("add", "Add keys to those that sign for a role or a channel");
  auto* remove_app = key.add_subcommand("remove", "Take keys away from those that sign for a role or a channel");
  auto* set_app = key.add_subcommand("set", "Set how many keys have to sign, and for how long");
  for (auto* app : {add_app, remove_app, set_app}) add_options(*app, session, *arguments);
  add_app->footer(
      "The registry follows with reburst key rotate.\n"
      "Examples:\n"
      "  reburst key add web-stable anna.pub bert.pub carla.pub --threshold 2 --keys ./keys\n"
      "  reburst key add channel \"pkcs11:token=release;object=channel\"");
  remove_app->footer("Examples:\n  reburst key remove web-stable anna.pub --keys ./keys");
  set_app->footer(
      "Examples:\n"
      "  reburst key set web-stable --threshold 2\n"
      "  reburst key set timestamp --expires-days 3");
  return {{add_app, [&session, arguments] { return add(session, *arguments); }},
          {remove_app, [&session, arguments] { return remove(session, *arguments); }},
          {set_app, [&session, arguments] { return change(session, *arguments); }}};
}

}  // namespace reburst::cli
