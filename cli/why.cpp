#include "builder/resolve/resolve.hpp"
#include "cli/verb.hpp"
#include "core/json.hpp"

namespace reburst::cli {

Verb add_why(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("why", "Print why a package is in a role, from the request down to it");
  auto role = std::make_shared<std::string>();
  auto package = std::make_shared<std::string>();
  app->add_option("ROLE", *role, "A role's name or a recipe's path")->required();
  app->add_option("PACKAGE", *package, "A package of the role")->required();
  add_common(*app, session);
  app->footer("Examples:\n  reburst why web libssl3\n  reburst why web libssl3 --lock web.lock");
  return {app,
          [&session, role, package]() -> VerbResult {
            const auto resolution = REBURST_TRY(packages_of(*role, session));
            const auto chain = REBURST_TRY(resolve::why(resolution, *package));
            if (session.common.json) {
              REBURST_TRY(print(canonical_json({{"package", *package}, {"chain", chain}})));
              return 0;
            }
            std::string out;
            for (const auto& step : chain) out += step + "\n";
            REBURST_TRY(print(out));
            return 0;
          },
          true};
}

}  // namespace reburst::cli
