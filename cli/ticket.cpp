#include "registry/client/ticket.hpp"

#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

struct Arguments {
  RegistryOptions registry;
  std::string subject, clone;
};

std::string summary(const client::ChannelRelease& release, const client::Ticket& ticket, const Arguments& arguments,
                    const Session& session) {
  return bold(release.role + " " + release.version, session.surroundings.colour) + "  ticket for " + arguments.clone +
         "\n  channel         " + release.channel + "\n  security epoch  " + std::to_string(release.security_epoch) +
         "\n  good until      " + iso_time(ticket.until) + ", when " + ticket.expires + " expires\n  size            " +
         human_size(ticket.bytes.size()) + "\n";
}

VerbResult make(const Session& session, const Arguments& arguments, bool out_given) {
  const auto reference = REBURST_TRY(client::parse_reference(arguments.subject));
  auto remote = REBURST_TRY(open_remote(session, arguments.registry, roles_for(reference)));
  const auto release = REBURST_TRY(remote.find(reference));
  REBURST_TRY(remote.require_epoch(release));
  const auto ticket = REBURST_TRY(client::make_ticket(remote, release, arguments.clone));
  REBURST_TRY(remote.remember());
  const fs::path file = out_given ? fs::path(session.common.out) : fs::path(arguments.clone + ".ticket");
  REBURST_TRY(write_file_atomic(file, ticket.bytes));
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"role", release.role},
                                      {"channel", release.channel},
                                      {"version", release.version},
                                      {"root_hash", release.root_hash.hex()},
                                      {"security_epoch", release.security_epoch},
                                      {"clone", arguments.clone},
                                      {"until", iso_time(ticket.until)},
                                      {"expires", ticket.expires},
                                      {"size", ticket.bytes.size()},
                                      {"sha256", sha256(ticket.bytes).hex()},
                                      {"file", file.string()}})));
    return 0;
  }
  const auto told = session.common.quiet ? std::string() : summary(release, ticket, arguments, session);
  REBURST_TRY(print(told + file.string() + "\n"));
  return 0;
}

}  // namespace

Verb add_ticket(CLI::App& root, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* app = root.add_subcommand("ticket",
                                  "Make the ticket that lets a clone boot a release: it is what its registry has now");
  app->add_option("RELEASE", arguments->subject, "ROLE@CHANNEL or ROLE@VERSION")->required();
  app->add_option("--for", arguments->clone, "The clone's name, for whoever reads the reports of clones")
      ->type_name("CLONE")
      ->required();
  add_reader_options(*app, arguments->registry);
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst ticket web@stable --for web-17 --registry https://images.example.org --root root.json\n"
      "  reburst ticket web@20261121T161027Z --for web-17 --out web-17.ticket\n"
      "  qemu-system-x86_64 … -fw_cfg name=opt/org.reburst.ticket,file=web-17.ticket");
  return {app, [&session, arguments, app] { return make(session, *arguments, app->count("--out") != 0); }};
}

}  // namespace reburst::cli
