#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "builder/pipeline.hpp"
#include "cache/cache.hpp"
#include "cli/terminal.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

namespace reburst::cli {

// What every verb offers: --recipes --out --cache --lock --jobs --offline --quiet --json.
struct CommonOptions {
  std::string recipes, out = "out", cache, lock;
  std::size_t jobs = 0;  // 0: as many as the machine has processors
  bool offline = false;
  bool quiet = false;
  bool json = false;
};

// What the process knows of its surroundings; read once, in main.cpp, and nowhere else.
struct Surroundings {
  std::string default_recipes, default_cache, proxy;
  std::string default_keys, default_state;      // folders of the user's own
  std::string credentials;                      // systemd's folder of credentials, empty without one
  std::string auth_file;                        // that the environment names for OCI registries
  std::vector<std::string> default_auth_files;  // where skopeo and docker keep it
  std::string program = "reburst";              // as the user calls it, for the commands that messages suggest
  std::size_t processors = 1;
  Epoch now = 0;
  bool stdin_terminal = false;
  bool stdout_terminal = false;
  bool stderr_terminal = false;
  bool colour = false;
};

// A verb's run: the exit status when it is not an error (0, or a documented status such as a failed test).
using VerbResult = Result<int>;

struct Verb {
  CLI::App* app = nullptr;
  std::function<VerbResult()> run;
  bool supervised = false;  // leaves work in the cache when it is interrupted: somebody clears up after it
  bool root = false;        // works on trees: root is needed, the machine's or a user namespace's
};

// Shared by all verbs of one command line; outlives their run().
struct Session {
  Surroundings surroundings;
  CommonOptions common;

  [[nodiscard]] PipelineOptions pipeline_options() const;
  [[nodiscard]] std::filesystem::path cache_path() const;
  // The start of a command that a message suggests: the program as the user calls it, the verb, and the recipes' folder
  // where the user named one.
  [[nodiscard]] std::string command(std::string_view verb) const;
  [[nodiscard]] Result<cache::Cache> open_cache() const;
  [[nodiscard]] std::unique_ptr<TerminalProgress> progress() const;
};

// Refuses the empty value that an unset variable of a script leaves.
[[nodiscard]] CLI::Validator not_empty();

// kUsage when `path` is, or lies below, something that is no folder; that nothing is there yet is well. The hint names
// `option`.
[[nodiscard]] Result<> require_folder(const std::filesystem::path& path, std::string_view option);

// Adds the options that a verb shares with the others.
void add_common(CLI::App& app, Session& session);

// Adds only --quiet and --json: for a verb that has a meaning of its own for one of the others.
void add_output_options(CLI::App& app, Session& session);

// What a role's image is made of: the packages of its lock, where a build would take one (--lock FILE, or ROLE.lock
// beside the recipe), else what the archive gives now.
[[nodiscard]] Result<resolve::Resolution> packages_of(const std::string& role, const Session& session);

// One function per verb, each in its own file; it declares arguments, help and examples, and returns what to run.
Verb add_build(CLI::App& root, Session& session);
Verb add_test(CLI::App& root, Session& session);
Verb add_boot(CLI::App& root, Session& session);
Verb add_attack(CLI::App& root, Session& session);
Verb add_resolve(CLI::App& root, Session& session);
Verb add_why(CLI::App& root, Session& session);
std::vector<Verb> add_lock(CLI::App& root, Session& session);
std::vector<Verb> add_recipe(CLI::App& root, Session& session);
std::vector<Verb> add_key(CLI::App& root, Session& session);
std::vector<Verb> add_publish(CLI::App& root, Session& session);
Verb add_push(CLI::App& root, Session& session);
std::vector<Verb> add_look(CLI::App& root, Session& session);
std::vector<Verb> add_registry(CLI::App& root, Session& session);
std::vector<Verb> add_bundle(CLI::App& registry, Session& session);  // export and import, below "registry"
Verb add_pull(CLI::App& root, Session& session);
Verb add_verify(CLI::App& root, Session& session);
Verb add_ticket(CLI::App& root, Session& session);
Verb add_completion(CLI::App& root, Session& session);
Verb add_man(CLI::App& root, Session& session);

// An error as --json shows it.
[[nodiscard]] Json error_json(const Error& error);

// Tells of an error on standard error, with more members for --json; its exit status.
int report(const Error& error, bool json, const Json& members = Json::object());

// Prints to stdout, and says so when stdout cannot take it (a full disk, a closed pipe).
[[nodiscard]] Result<> print(std::string_view text);
// Prints canonical JSON, with what steers a terminal escaped: it may quote what others wrote.
[[nodiscard]] Result<> print_json(const Json& json);

}  // namespace reburst::cli
