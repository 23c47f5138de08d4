// The only place that reads the clock, the environment and the terminal: it gathers them, picks the verb, and reports.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <thread>

#include "builder/tree/tree.hpp"
#include "cli/supervise.hpp"
#include "cli/usage.hpp"
#include "cli/verb.hpp"
#include "core/json.hpp"
#include "core/place_folder.hpp"
#include "core/version.hpp"

namespace reburst::cli {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // single-threaded here
  return value == nullptr ? "" : value;
}

// HOME or, where a service has none, what the system knows of the user; never a place that the working folder decides.
std::string home_folder() {
  if (auto home = environment("HOME"); home.starts_with('/')) return home;
  const auto* user = ::getpwuid(::geteuid());
  return user != nullptr && user->pw_dir != nullptr && user->pw_dir[0] == '/' ? user->pw_dir : "/nonexistent";
}

// A folder of the XDG Base Directory Specification.
std::string user_folder(const char* variable, const std::string& otherwise) {
  if (auto base = environment(variable); base.starts_with('/')) return base;
  return home_folder() + "/" + otherwise;
}

std::string default_cache() {
  if (auto named = environment("REBURST_CACHE"); !named.empty()) return named;
  return user_folder("XDG_CACHE_HOME", ".cache") + "/reburst";
}

// The shipped recipes: beside an installed program, or where the wrapper says.
std::string default_recipes() {
  if (auto named = environment("REBURST_RECIPES"); !named.empty()) return named;
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path().parent_path() / "share/reburst/recipes").string();
}

// containers-auth.json(5), and then docker's own.
std::vector<std::string> default_auth_files() {
  std::vector<std::string> out;
  if (const auto runtime = environment("XDG_RUNTIME_DIR"); !runtime.empty())
    out.push_back(runtime + "/containers/auth.json");
  out.push_back(user_folder("XDG_CONFIG_HOME", ".config") + "/containers/auth.json");
  if (const auto docker = environment("DOCKER_CONFIG"); !docker.empty()) {
    out.push_back(docker + "/config.json");
  } else if (const auto home = environment("HOME"); !home.empty()) {
    out.push_back(home + "/.docker/config.json");
  }
  return out;
}

Surroundings look_around() {
  Surroundings out;
  out.default_cache = default_cache();
  out.default_recipes = default_recipes();
  out.default_keys = user_folder("XDG_DATA_HOME", ".local/share") + "/reburst/keys";
  out.default_state = user_folder("XDG_STATE_HOME", ".local/state") + "/reburst";
  out.credentials = environment("CREDENTIALS_DIRECTORY");
  out.auth_file = environment("REGISTRY_AUTH_FILE");
  out.default_auth_files = default_auth_files();
  out.proxy = environment("http_proxy");
  if (const auto called = environment("REBURST_PROGRAM"); !called.empty()) out.program = called;
  out.processors = std::max(1U, std::thread::hardware_concurrency());
  out.now = std::time(nullptr);
  out.stdin_terminal = ::isatty(STDIN_FILENO) == 1;
  out.stdout_terminal = ::isatty(STDOUT_FILENO) == 1;
  out.stderr_terminal = ::isatty(STDERR_FILENO) == 1;
  out.colour = out.stdout_terminal && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return out;
}

int run_verb(const Verb& verb, const Session& session) {
  try {
    const auto result = verb.run();
    return result ? *result : report(result.error(), session.common.json);
  } catch (const std::bad_alloc&) {
    return report({ErrorCode::kInternal, "out of memory", "use fewer --jobs, or a machine with more memory", {}},
                  session.common.json);
  } catch (const std::exception& bug) {
    return report({ErrorCode::kInternal,
                   std::string("a bug: ") + bug.what(),
                   "please report it with the command that you ran",
                   {}},
                  session.common.json);
  }
}

int run_supervised(const Verb& verb, const Session& session) {
  if (verb.root) {
    if (auto root = tree::become_root(); !root) return report(root.error(), session.common.json);
  }
  const Before before(session.common.out);
  const auto sweep = [&] {
    (void)session.open_cache();  // opening it removes what dead owners left
    before.sweep();
  };
  const auto tell = [&](const Error& error) {
    if (session.common.json || error.code != ErrorCode::kInterrupted) {
      (void)report(error, session.common.json);
    } else {
      std::fprintf(stderr, "\nreburst: %s\n", error.message.c_str());
    }
  };
  return supervise([&] { return run_verb(verb, session); }, sweep, tell);
}

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
  for (auto& one : more) all.push_back(std::move(one));
}

std::vector<Verb> add_verbs(CLI::App& root, Session& session) {
  std::vector<Verb> verbs = {add_build(root, session),  add_test(root, session),    add_boot(root, session),
                             add_attack(root, session), add_resolve(root, session), add_why(root, session)};
  append(verbs, add_lock(root, session));
  append(verbs, add_recipe(root, session));
  append(verbs, add_key(root, session));
  append(verbs, add_publish(root, session));
  verbs.push_back(add_push(root, session));
  append(verbs, add_look(root, session));
  verbs.push_back(add_pull(root, session));
  verbs.push_back(add_verify(root, session));
  verbs.push_back(add_ticket(root, session));
  append(verbs, add_registry(root, session));
  verbs.push_back(add_completion(root, session));
  verbs.push_back(add_man(root, session));
  return verbs;
}

bool changes_registry(const CLI::App& app) {
  constexpr std::array<std::string_view, 5> kVerbs{"publish", "promote", "approve", "yank", "rotate"};
  return std::find(kVerbs.begin(), kVerbs.end(), app.get_name()) != kVerbs.end() ||
         app.get_parent()->get_name() == "registry";
}

int main_checked(int argc, char** argv) {
  // Files get the modes that the program names; the caller's umask decides nothing but who gets at a registry.
  const auto umask_of_caller = ::umask(022);
  Session session{.surroundings = look_around(), .common = {}};
  CLI::App root("gold images of Debian servers that you can prove", "reburst");
  root.set_version_flag("--version", "reburst " + std::string(kVersion));
  root.require_subcommand(1);
  root.footer(
      "Examples:\n  reburst build web\n  reburst test web\n  reburst why web libssl3\nreburst VERB --help tells more "
      "of each.");
  const auto verbs = add_verbs(root, session);
  const auto arguments = verb_first(root, {argv + std::min(argc, 1), argv + argc});
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 wants the last one first
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return root.exit(error);  // --help and --version
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    return report(usage_error(root, error, arguments, session.surroundings.program), json);
  }
  for (const auto& verb : verbs) {
    if (!verb.app->parsed()) continue;
    if (changes_registry(*verb.app)) ::umask(umask_of_caller);
    return verb.supervised ? run_supervised(verb, session) : run_verb(verb, session);
  }
  return exit_status(ErrorCode::kUsage);
}

}  // namespace

}  // namespace reburst::cli

int main(int argc, char** argv) {
  try {
    return reburst::cli::main_checked(argc, argv);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "reburst: error: a bug: %s\n", bug.what());
    return 1;
  }
}
