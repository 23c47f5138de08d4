#include "builder/recipe/recipe.hpp"

#include "cli/verb.hpp"
#include "core/json.hpp"

namespace reburst::cli {

namespace {

// Every file is checked, so that one run shows all that is wrong; the last fault decides nothing: all are kRecipe or
// kMissing.
VerbResult check(const Session& session, const std::vector<std::string>& files) {
  const recipe::LoadOptions options{.recipes = session.pipeline_options().recipes};
  const auto problems = recipe::check(files, options);
  if (!problems.empty()) {
    Error all = problems.front();
    for (std::size_t i = 1; i < problems.size(); ++i) {
      all.message += "\n" + (all.hint.empty() ? "" : "  hint: " + all.hint + "\n") + problems[i].message;
      all.hint = problems[i].hint;
    }
    return fail(std::move(all));
  }
  Json valid = Json::array();
  for (const auto& file : files) {
    valid.push_back(file);
    if (!session.common.json && !session.common.quiet) REBURST_TRY(print(file + ": valid\n"));
  }
  if (session.common.json) REBURST_TRY(print(canonical_json({{"valid", valid}})));
  return 0;
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

  auto* check_app = app->add_subcommand("check", "Check recipes; the first fault is shown with its place");
  auto files = std::make_shared<std::vector<std::string>>();
  check_app->add_option("FILE", *files, "Recipe files, or names of shipped roles")->required();
  add_common(*check_app, session);
  check_app->footer("Examples:\n  reburst recipe check web ./shop.yaml");

  auto* show_app = app->add_subcommand("show", "Print a role's merged recipe, each line with the file it came from");
  auto role = std::make_shared<std::string>();
  show_app->add_option("ROLE", *role, "A role's name or a recipe's path")->required();
  add_common(*show_app, session);
  show_app->footer(
      "Examples:\n  reburst recipe show web\n  reburst recipe show web --json    the document that the digest covers");

  auto* schema_app = app->add_subcommand("schema", "Print the JSON Schema of recipes, for editors");
  add_output_options(*schema_app, session);
  schema_app->footer("Examples:\n  reburst recipe schema > recipe-v1.json");

  return {{check_app, [&session, files] { return check(session, *files); }},
          {show_app, [&session, role] { return show(session, *role); }},
          {schema_app, []() -> VerbResult {
             REBURST_TRY(print(recipe::schema_text()));
             return 0;
           }}};
}

}  // namespace reburst::cli
