#include "cli/verb.hpp"
#include "core/json.hpp"

namespace reburst::cli {

namespace {

Json package_json(const resolve::Package& package) {
  return {{"name", package.name},           {"version", package.version},     {"architecture", package.architecture},
          {"size", package.size},           {"sha256", package.sha256.hex()}, {"path", package.path},
          {"priority", package.priority},   {"source", package.source},       {"essential", package.essential},
          {"requested", package.requested}, {"reason", package.reason}};
}

std::string text(const resolve::Resolution& resolution, bool json) {
  if (json) {
    Json packages = Json::array();
    for (const auto& package : resolution.packages) packages.push_back(package_json(package));
    return canonical_json({{"packages", packages}});
  }
  std::string out;
  for (const auto& package : resolution.packages)
    out += package.name + " " + package.version + " " + package.architecture + "\n";
  return out;
}

}  // namespace

Verb add_resolve(CLI::App& root, Session& session) {
  auto* app =
      root.add_subcommand("resolve", "Print the packages that a role would be made of: its lock's, or the archive's");
  auto role = std::make_shared<std::string>();
  app->add_option("ROLE", *role, "A role's name or a recipe's path")->required();
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst resolve web            name, version and architecture, one a line\n"
      "  reburst resolve web --json     with sizes, digests and reasons\n"
      "  reburst resolve web --lock web.lock");
  return {app,
          [&session, role]() -> VerbResult {
            const auto resolution = REBURST_TRY(packages_of(*role, session));
            REBURST_TRY(print(text(resolution, session.common.json)));
            return 0;
          },
          true};
}

}  // namespace reburst::cli
