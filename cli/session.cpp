#include <unistd.h>

#include <cstdio>

#include "builder/lock/make_lock.hpp"
#include "cli/verb.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/valid_utf8.hpp"

namespace reburst::cli {

namespace {

constexpr const char* kCommonGroup = "Common options";

// The program that is running, by content: what another build of it left in the cache is not taken for this one's.
Digest own_digest() {
  const auto digest = sha256_file("/proc/self/exe");
  return digest ? *digest : Digest{};
}

}  // namespace

std::filesystem::path Session::cache_path() const {
  return common.cache.empty() ? surroundings.default_cache : common.cache;
}

PipelineOptions Session::pipeline_options() const {
  PipelineOptions options;
  options.recipes = common.recipes.empty() ? surroundings.default_recipes : common.recipes;
  options.out = common.out;
  if (!common.lock.empty()) options.lock = common.lock;
  options.fetch.offline = common.offline;
  options.fetch.proxy = surroundings.proxy;
  options.jobs = common.jobs == 0 ? surroundings.processors : common.jobs;
  options.now = surroundings.now;
  options.lock_command = command("lock");
  options.tool = own_digest();
  return options;
}

std::string Session::command(std::string_view verb) const {
  std::string out = shell_word(surroundings.program) + " " + std::string(verb);
  if (!common.recipes.empty()) out += " --recipes " + shell_word(common.recipes);
  return out;
}

Result<cache::Cache> Session::open_cache() const {
  REBURST_TRY(require_folder(cache_path(), "--cache"));
  return cache::Cache::open(std::filesystem::absolute(cache_path()));
}

std::unique_ptr<TerminalProgress> Session::progress() const {
  return std::make_unique<TerminalProgress>(common.quiet, surroundings.stderr_terminal);
}

Result<> require_folder(const std::filesystem::path& path, std::string_view option) {
  std::error_code error;
  auto at = std::filesystem::absolute(path);
  while (at.has_relative_path() && !std::filesystem::exists(at, error)) at = at.parent_path();
  if (std::filesystem::is_directory(at, error)) return {};
  return fail(ErrorCode::kUsage, "\"" + at.string() + "\" is not a folder",
              "name another folder with " + std::string(option));
}

// What an unset variable of a script leaves is no folder, and no "not given" either.
CLI::Validator not_empty() {
  return CLI::Validator([](std::string& value) { return value.empty() ? std::string("it is empty") : std::string(); },
                        "");
}

void add_common(CLI::App& app, Session& session) {
  auto& common = session.common;
  const auto* group = kCommonGroup;
  app.add_option("--recipes", common.recipes, "Folder of the shipped recipes")
      ->type_name("DIR")
      ->check(not_empty())
      ->group(group);
  app.add_option("--out", common.out, "Where results go (default: out; for `lock` and `ticket`, the file)")
      ->type_name("DIR")
      ->check(not_empty())
      ->group(group);
  app.add_option("--cache", common.cache, "Where downloads and derived files are kept")
      ->type_name("DIR")
      ->check(not_empty())
      ->group(group);
  app.add_option("--lock", common.lock, "Use this lock instead of ROLE.lock beside the recipe")
      ->type_name("FILE")
      ->check(not_empty())
      ->group(group);
  app.add_option("--jobs", common.jobs, "Threads (default: one per processor)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""))
      ->group(group);
  app.add_flag("--offline", common.offline, "Reach no network; use what the cache holds")->group(group);
  add_output_options(app, session);
}

void add_output_options(CLI::App& app, Session& session) {
  auto& common = session.common;
  app.add_flag("--quiet", common.quiet, "No progress; results and warnings only")->group(kCommonGroup);
  app.add_flag("--json", common.json, "Results as JSON on standard output")->group(kCommonGroup);
}

Result<resolve::Resolution> packages_of(const std::string& role, const Session& session) {
  const auto options = session.pipeline_options();
  const auto recipe = REBURST_TRY(recipe::load(role, {.recipes = options.recipes}));
  const auto lock = REBURST_TRY(find_lock_of(role, recipe, options));
  if (lock) return lock::image_packages(*lock);
  auto cache = REBURST_TRY(session.open_cache());
  const auto progress = session.progress();
  const auto archive = REBURST_TRY(open_archive_of(recipe, cache, options, *progress));
  return resolve_recipe(recipe, archive, cache);
}

Json error_json(const Error& error) {
  // What is quoted may be any bytes, and JSON is text.
  auto context = error.context;
  for (auto& line : context) line = valid_utf8(line);
  return {{"code", std::string(error_name(error.code))},
          {"status", exit_status(error.code)},
          {"message", valid_utf8(error.message)},
          {"hint", valid_utf8(error.hint)},
          {"context", context}};
}

int report(const Error& error, bool json, const Json& members) {
  if (json) {
    auto object = error_json(error);
    object.update(members);
    std::fputs(printable(canonical_json({{"error", object}})).c_str(), stderr);
  } else {
    std::fprintf(stderr, "%s%s\n", error.placed ? "" : "reburst: error: ", error.render().c_str());
  }
  return exit_status(error.code);
}

Result<> print_json(const Json& json) {
  return print(printable(canonical_json(json)));
}

Result<> print(std::string_view text) {
  return write_all(STDOUT_FILENO, text, "standard output");
}

}  // namespace reburst::cli
