#include "builder/recipe/recipe.hpp"

#include "cli/verb.hpp"
#include "core/json.hpp"

namespace reburst::cli {

namespace {

// As one error, so that one run shows all that is wrong; its kind is the first one's.
Error joined(std::vector<Error> problems) {
  Error all = std::move(problems.front());
  for (std::size_t i = 1; i < problems.size(); ++i) {
    all.message += "\n" + (all.hint.empty() ? "" : "  hint: " + all.hint + "\n") + problems[i].message;
    all.hint = problems[i].hint;
  }
  return all;
}

// Every file is checked, whatever is wrong with those before it.
VerbResult check(const Session& session, const std::vector<std::string>& files) {
  const recipe::LoadOptions options{.recipes = session.pipeline_options().recipes};
  Json entries = Json::array();
  std::string valid;
  std::vector<Error> problems;
  for (const auto& file : files) {
    auto faults = recipe::check({file}, options);
    Json entry = {{"file", file}, {"valid", faults.empty()}};
    if (faults.empty()) {
      valid += file + ": valid\n";
    } else {
      entry["error"] = error_json(faults.front());
      problems.push_back(std::move(faults.front()));
    }
    entries.push_back(std::move(entry));
  }
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"files", entries}})));
  } else if (!session.common.quiet) {
    REBURST_TRY(print(valid));
  }
  if (problems.empty()) return 0;
  return fail(session.common.json ? std::move(problems.front()) : joined(std::move(problems)));
}

VerbResult show(const Session& session, const std::string& role) {
  const recipe::LoadOptions options{.recipes = session.pipeline_options().recipes};
  if (session.common.json) {
    REBURST_TRY(print(canonical_json(REBURST_TRY(recipe::load(role, options)).merged)));
    return 0;
  }
  REBURST_TRY(print(REBURST_TRY(recipe::show(role, options))));
  return 0;
}

}  // namespace

std::vector<Verb> add_recipe(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("recipe", "Check, show and describe recipes");
  app->require_subcommand(1);
  app->footer(
      "Examples:\n"
      "  reburst recipe check ./shop.yaml\n"
      "  reburst recipe show web\n"
      "  reburst recipe schema > recipe-v1.json");

  auto* check_app =
      app->add_subcommand("check", "Check recipes; of each that is not valid, the first fault is shown with its place");
  auto files = std::make_shared<std::vector<std::string>>();
  check_app->add_option("FILE", *files, "Recipe files, or names of shipped roles")->required();
  add_common(*check_app, session);
  check_app->footer(
      "Examples:\n"
      "  reburst recipe check web ./shop.yaml\n"
      "  reburst recipe check *.yaml --json     every file with \"valid\" and, where it is not, its \"error\"\n"
      "The exit status is that of the first fault.");

  auto* show_app = app->add_subcommand("show", "Print a role's merged recipe, each line with the file it came from");
  auto role = std::make_shared<std::string>();
  show_app->add_option("ROLE", *role, "A role's name or a recipe's path")->required();
  add_common(*show_app, session);
  show_app->footer(
      "Examples:\n  reburst recipe show web\n  reburst recipe show web --json    the document that the digest covers");

  auto* schema_app = app->add_subcommand("schema", "Print the JSON Schema of recipes, for editors");
  add_common(*schema_app, session);
  schema_app->footer("Examples:\n  reburst recipe schema > recipe-v1.json");

  return {{check_app, [&session, files] { return check(session, *files); }},
          {show_app, [&session, role] { return show(session, *role); }},
          {schema_app, []() -> VerbResult {
             REBURST_TRY(print(recipe::schema_text()));
             return 0;
           }}};
}

}  // namespace reburst::cli
