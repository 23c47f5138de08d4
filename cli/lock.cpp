#include "builder/lock/lock.hpp"

#include <unistd.h>

#include <cerrno>

#include "builder/lock/differences.hpp"
#include "cli/verb.hpp"
#include "core/file.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

constexpr const char* kOtherFile = "name another file with --out";

// Told before the work: where the lock cannot be put.
Result<> check_place(const fs::path& path, const std::string& role) {
  std::error_code ignored;
  const auto quoted = "\"" + path.string() + "\"";
  if (fs::is_directory(path, ignored)) {
    return fail(ErrorCode::kUsage, quoted + " is a folder, and --out names the lock's file here",
                "write --out " + shell_word((path / (role + ".lock")).string()));
  }
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    return fail(ErrorCode::kUsage, quoted + " is not a file, and nothing else is replaced by a lock", kOtherFile);
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  auto error = system_error("cannot write the lock " + quoted + " in the folder \"" + folder.string() + "\"", errno);
  error.hint = fs::exists(folder, ignored) ? kOtherFile : "make the folder first, or name another file with --out";
  return fail(std::move(error));
}

VerbResult write_lock(const Session& session, const std::string& role, bool out_given) {
  const auto options = session.pipeline_options();
  if (!session.common.lock.empty()) {
    return fail(ErrorCode::kUsage, "--lock names a lock that is read, and this makes one",
                "write --out " + shell_word(session.common.lock));
  }
  const auto recipe = REBURST_TRY(recipe::load(role, {.recipes = options.recipes}));
  const auto path = out_given ? fs::path(session.common.out) : recipe.file.parent_path() / (recipe.role + ".lock");
  REBURST_TRY(check_place(path, recipe.role));
  auto cache = REBURST_TRY(session.open_cache());
  const auto progress = session.progress();
  const auto lock = REBURST_TRY(make_lock_of(recipe, cache, options, *progress));
  REBURST_TRY(write_file_atomic(path, lock::to_text(lock)));
  (void)progress->finish();
  if (session.common.json) {
    REBURST_TRY(print(canonical_json({{"lock", path.string()},
                                      {"sha256", lock::digest(lock).hex()},
                                      {"epoch", iso_time(lock.epoch)},
                                      {"packages", lock.packages.size()}})));
    return 0;
  }
  if (!session.common.quiet) {
    REBURST_TRY(print(recipe.role + ": " + std::to_string(lock.packages.size()) + " packages, epoch " +
                      iso_time(lock.epoch) + "\n"));
  }
  REBURST_TRY(print(path.string() + "\n"));
  return 0;
}

VerbResult print_differences(const Session& session, const std::string& before, const std::string& after) {
  const auto earlier = REBURST_TRY(lock::read(before));
  const auto later = REBURST_TRY(lock::read(after));
  const auto differences = lock::differences(earlier, later);
  if (session.common.json) {
    Json list = Json::array();
    for (const auto& one : differences) {
      Json entry = {{"kind", one.kind}, {"text", one.text}};
      if (!one.name.empty()) entry["name"] = one.name;
      if (!one.before.empty()) entry["before"] = one.before;
      if (!one.after.empty()) entry["after"] = one.after;
      list.push_back(std::move(entry));
    }
    REBURST_TRY(print(canonical_json({{"differences", list}})));
    return 0;
  }
  std::string out;
  for (const auto& one : differences) out += one.text + "\n";
  REBURST_TRY(print(out));
  return 0;
}

}  // namespace

std::vector<Verb> add_lock(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("lock", "Record every input of a role's build, by digest, in ROLE.lock");
  auto role = std::make_shared<std::string>();
  app->add_option("ROLE", *role, "A role's name or a recipe's path");
  add_common(*app, session);
  app->footer(
      "Examples:\n"
      "  reburst lock web                       writes web.lock beside the recipe\n"
      "  reburst lock ./shop.yaml --out shop.lock\n"
      "  reburst lock diff old.lock new.lock    what changed between two locks");
  auto* diff = app->add_subcommand("diff", "Print what differs between two locks");
  auto before = std::make_shared<std::string>();
  auto after = std::make_shared<std::string>();
  diff->add_option("OLD", *before, "The earlier lock")->required();
  diff->add_option("NEW", *after, "The later lock")->required();
  add_common(*diff, session);
  diff->footer(
      "Examples:\n"
      "  reburst lock diff old.lock new.lock    prints nothing when both give the same build");
  return {{diff, [&session, before, after] { return print_differences(session, *before, *after); }},
          {app,
           [&session, role, app]() -> VerbResult {
             if (role->empty()) {
               return fail(
                   ErrorCode::kUsage, "no role was named",
                   session.command("lock") + " web, for one; see \"" + session.surroundings.program + " lock --help\"");
             }
             return write_lock(session, *role, app->count("--out") != 0);
           },
           true}};
}

}  // namespace reburst::cli
