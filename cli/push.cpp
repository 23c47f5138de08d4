#include "cli/registry_options.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "registry/oci/credentials.hpp"
#include "registry/oci/oci.hpp"

namespace reburst::cli {

namespace {

constexpr std::uint64_t kMaxAuthFile = 1U << 20U;
constexpr const char* kGroup = "OCI registry options";

struct Arguments {
  RegistryOptions registry;
  std::string subject, destination, user, auth_file, authorities;
  int password_fd = -1;
  bool password_stdin = false, plain_http = false;
};

// "registry.example.org:5000/images/web:candidate": a tag follows the last colon of the last part.
struct Place {
  std::string repository, tag;
};
Place split_tag(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto slash = text.rfind('/');
  if (slash == std::string::npos || colon == std::string::npos || colon < slash || text.find('@') != std::string::npos)
    return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Nobody is asked by a script whose standard input is none.
Result<oci::Credentials> given_credentials(const Session& session, const Arguments& arguments) {
  const int fd = arguments.password_stdin ? 0 : arguments.password_fd;
  const Error none{ErrorCode::kUsage,
                   "--username \"" + arguments.user + "\" comes without a password",
                   "give it with --password-stdin or --password-fd N, or let skopeo login keep both",
                   {}};
  const bool ask = fd < 0;
  if (ask && !session.surroundings.stdin_terminal) return fail(none);
  const auto from = ask                        ? std::string("the terminal")
                    : arguments.password_stdin ? std::string("standard input")
                                               : "descriptor " + std::to_string(fd);
  auto password = REBURST_TRY(ask ? ask_terminal("password of " + arguments.user, "password", none)
                                  : read_secret(fd, "password", from));
  if (password.empty()) return fail(ErrorCode::kUsage, "the password from " + from + " is empty");
  return oci::Credentials{arguments.user, std::move(password)};
}

// What somebody named must be there; of the usual places, the first that knows the registry.
Result<std::optional<oci::Credentials>> kept_credentials(const Session& session, const Arguments& arguments,
                                                         const std::string& repository) {
  const auto& around = session.surroundings;
  const auto& named = arguments.auth_file.empty() ? around.auth_file : arguments.auth_file;
  if (!named.empty()) return oci::find_credentials(REBURST_TRY(read_file(named, kMaxAuthFile)), named, repository);
  for (const auto& file : around.default_auth_files) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) continue;
    auto found = REBURST_TRY(oci::find_credentials(REBURST_TRY(read_file(file, kMaxAuthFile)), file, repository));
    if (found) return found;
  }
  return std::optional<oci::Credentials>();
}

Result<oci::PushOptions> push_options(const Session& session, const Arguments& arguments,
                                      const std::string& repository) {
  oci::PushOptions out;
  out.proxy = session.pipeline_options().fetch.proxy;
  out.plain_http = arguments.plain_http;
  out.authorities = arguments.authorities;
  if (arguments.user.empty() && (arguments.password_stdin || arguments.password_fd >= 0))
    return fail(ErrorCode::kUsage, "a password comes without --username", "name the user that it belongs to");
  const auto who = arguments.user.empty()
                       ? REBURST_TRY(kept_credentials(session, arguments, repository))
                       : std::optional<oci::Credentials>(REBURST_TRY(given_credentials(session, arguments)));
  if (who) {
    out.user = who->user;
    out.password = who->password;
  }
  return out;
}

Result<> require_folder(const std::string& registry) {
  if (registry.find("://") == std::string::npos) return {};
  return fail(ErrorCode::kUsage, "cannot push from \"" + registry + "\": it is an address",
              "name the registry's folder with --registry; or copy from one registry to another with skopeo copy");
}

// The layout must show what the signed metadata names: what is pushed is what readers of the metadata will ask for.
Result<> require_named(const fs::path& layout, const client::ChannelRelease& release) {
  const auto tags = REBURST_TRY(oci::read_tags(layout));
  const auto found = tags.find(release.version);
  if (found != tags.end() && "sha256:" + found->second.hex() == release.oci) return {};
  return fail(ErrorCode::kIntegrity,
              "cannot push \"" + release.role + "\" " + release.version + ": the OCI layout \"" + layout.string() +
                  "\" shows another manifest than the signed metadata\n  expected: " + release.oci +
                  "\n  found:    " + (found == tags.end() ? "none" : "sha256:" + found->second.hex()),
              "reburst registry check tells what else is wrong; restore the registry, or publish the release again");
}

std::vector<std::string> tags_of(const Place& place, const client::Reference& reference, const std::string& version) {
  if (!place.tag.empty()) return {place.tag};
  std::vector<std::string> out{version};
  if (!reference.channel.empty()) out.push_back(reference.channel);
  return out;
}

VerbResult push(const Session& session, const Arguments& arguments) {
  const auto reference = REBURST_TRY(client::parse_reference(arguments.subject));
  REBURST_TRY(require_folder(arguments.registry.registry));
  const auto place = split_tag(arguments.destination);
  if (session.common.offline)
    return fail(ErrorCode::kNetwork, "cannot push to \"" + place.repository + "\": --offline forbids it");
  auto options = REBURST_TRY(push_options(session, arguments, place.repository));
  const auto progress = session.progress();
  auto remote = REBURST_TRY(open_remote(session, arguments.registry, roles_for(reference)));
  const auto release = REBURST_TRY(remote.find(reference));
  const auto layout = fs::path(arguments.registry.registry) / "oci" / release.role;
  REBURST_TRY(require_named(layout, release));
  REBURST_TRY(remote.remember());
  options.tags = tags_of(place, reference, release.version);
  const auto digest = REBURST_TRY(oci::push(layout, release.version, place.repository, options, *progress));
  (void)progress->finish();
  const auto pushed = place.repository + "@sha256:" + digest.hex();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"role", release.role},
                                      {"version", release.version},
                                      {"repository", place.repository},
                                      {"tags", options.tags},
                                      {"digest", "sha256:" + digest.hex()}})));
    return 0;
  }
  std::string out;
  if (!session.common.quiet) {
    out = bold(release.role + " " + release.version, session.surroundings.colour) + "  pushed\n  tags  " +
          join(options.tags, ", ") + "\n";
  }
  REBURST_TRY(print(out + pushed + "\n"));
  return 0;
}

}  // namespace

Verb add_push(CLI::App& root, Session& session) {
  auto arguments = std::make_shared<Arguments>();
  auto* app =
      root.add_subcommand("push", "Copy a published release to an OCI registry, with all that is signed about it");
  app->add_option("RELEASE", arguments->subject, "ROLE@CHANNEL or ROLE@VERSION; ROLE is ROLE@stable")->required();
  app->add_option("REF", arguments->destination,
                  "HOST[:PORT]/REPOSITORY[:TAG]; without TAG, the version and the channel that was named are tags")
      ->required();
  const auto option = [&](const char* name, auto& value, const char* text, const char* type) {
    return app->add_option(name, value, text)->type_name(type)->group(kGroup);
  };
  option("--username", arguments->user,
         "Log in to the OCI registry with this name; a terminal is asked for the password", "NAME");
  auto* from_fd = option("--password-fd", arguments->password_fd, "Read the password from this descriptor", "N");
  from_fd->check(CLI::Range(0, 1023).description(""));
  app->add_flag("--password-stdin", arguments->password_stdin, "Read the password from standard input")
      ->group(kGroup)
      ->excludes(from_fd);
  option("--authfile", arguments->auth_file,
         "Names and passwords as skopeo login and docker login keep them (default: where they do)", "FILE");
  option("--authorities", arguments->authorities, "Trust these certificate authorities (PEM) instead of the machine's",
         "FILE");
  app->add_flag("--plain-http", arguments->plain_http, "Without TLS; for a registry on this machine alone")
      ->group(kGroup);
  add_reader_options(*app, arguments->registry);
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst push web@stable registry.example.org/images/web\n"
      "  reburst push web@20261121T161027Z registry.example.org/images/web:candidate\n"
      "  reburst push web registry.example.org/images/web --username robot --password-stdin < robot.password");
  return {app, [&session, arguments] { return push(session, *arguments); }};
}

}  // namespace reburst::cli
