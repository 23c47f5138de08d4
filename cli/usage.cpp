#include "cli/usage.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "builder/recipe/shape.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

// How far the command line makes sense: the verb, and the word after it that is none of its own verbs.
struct Place {
  const CLI::App* app = nullptr;
  std::string command;  // "reburst recipe"
  std::optional<std::string> unknown;
};

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* verb : app.get_subcommands(nullptr)) out.push_back(verb->get_name());
  return out;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

Place find_place(const CLI::App& root, std::span<const std::string> arguments, const std::string& program) {
  Place at{&root, program, std::nullopt};
  for (const auto& argument : arguments) {
    if (argument.starts_with('-')) continue;
    const auto verbs = at.app->get_subcommands(nullptr);
    const auto found =
        std::find_if(verbs.begin(), verbs.end(), [&](const auto* verb) { return verb->get_name() == argument; });
    if (found == verbs.end()) {
      if (at.app->get_require_subcommand_min() > 0) at.unknown = argument;
      break;
    }
    at.app = *found;
    at.command += " " + argument;
  }
  return at;
}

std::string see_help(const Place& at) {
  return "see \"" + at.command + " --help\"";
}

std::string list_verbs(const Place& at) {
  return "the verbs are " + join(verb_names(*at.app), ", ") + "; " + see_help(at);
}

Error unknown_verb(const Place& at) {
  const auto meant = recipe::nearest(*at.unknown, verb_names(*at.app));
  return {ErrorCode::kUsage, "\"" + at.command + "\" has no verb \"" + *at.unknown + "\"",
          meant ? "did you mean \"" + at.command + " " + *meant + "\"?" : list_verbs(at)};
}

Error unexpected_argument(const Place& at, const std::string& argument) {
  const bool option = argument.starts_with("--");
  const auto meant = option ? recipe::nearest(argument, option_names(*at.app)) : std::nullopt;
  return {ErrorCode::kUsage,
          "\"" + at.command + "\" takes no " + (option ? "option" : "further argument") + " \"" + argument + "\"",
          meant ? "did you mean \"" + *meant + "\"?" : see_help(at)};
}

// The first argument that nothing takes. CLI11 hands them over in its sentence alone, in reverse: "…: dns mail".
std::string first_extra(const CLI::ParseError& fault, std::span<const std::string> arguments) {
  const std::string sentence = fault.what();
  std::string out;
  for (const auto& argument : arguments) {
    if (argument.size() > out.size() && sentence.ends_with(" " + argument)) out = argument;
  }
  return out;
}

// The first option that takes one value and stands twice in the command line.
std::optional<std::string> given_twice(const Place& at, std::span<const std::string> arguments) {
  for (const auto& name : option_names(*at.app)) {
    const auto count = std::count_if(arguments.begin(), arguments.end(), [&](const std::string& argument) {
      return argument == name || argument.starts_with(name + "=");
    });
    if (count > 1 && at.app->get_option(name)->get_items_expected_max() == 1) return name;
  }
  return std::nullopt;
}

// CLI11's sentence begins with a capital; a name in capitals (ROLE) stays.
std::string as_message(std::string text) {
  const auto upper = [&](std::size_t i) {
    return i < text.size() && std::isupper(static_cast<unsigned char>(text[i])) != 0;
  };
  if (upper(0) && !upper(1)) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

// The option of that name of any verb: a name means the same everywhere. Not --help, which the root has too.
const CLI::Option* any_option(const CLI::App& app, const std::string& name) {
  for (const auto* verb : app.get_subcommands(nullptr)) {
    const auto* option = name == "--help" ? nullptr : verb->get_option_no_throw(name);
    if (option == nullptr) option = any_option(*verb, name);
    if (option != nullptr) return option;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> verb_first(const CLI::App& root, std::vector<std::string> arguments) {
  std::size_t lead = 0;
  while (lead < arguments.size() && arguments[lead].starts_with("--")) {
    const auto name = arguments[lead].substr(0, arguments[lead].find('='));
    const auto* option = any_option(root, name);
    if (option == nullptr) return arguments;
    const bool value_follows = option->get_type_size() != 0 && name == arguments[lead];
    lead += value_follows ? 2 : 1;
  }
  lead = std::min(lead, arguments.size());
  const auto* at = &root;
  auto verb = lead;
  for (; verb < arguments.size(); ++verb) {
    const auto verbs = at->get_subcommands(nullptr);
    const auto next =
        std::find_if(verbs.begin(), verbs.end(), [&](const auto* one) { return one->get_name() == arguments[verb]; });
    if (next == verbs.end()) break;
    at = *next;
  }
  std::rotate(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(lead),
              arguments.begin() + static_cast<std::ptrdiff_t>(verb));
  return arguments;
}

Error usage_error(const CLI::App& root, const CLI::ParseError& fault, std::span<const std::string> arguments,
                  const std::string& program) {
  const auto at = find_place(root, arguments, program);
  if (at.unknown) return unknown_verb(at);
  if (at.app->get_require_subcommand_min() > 0 && fault.get_name() == "RequiredError") {
    return {ErrorCode::kUsage, "\"" + at.command + "\" needs a verb", list_verbs(at)};
  }
  if (fault.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError))
    return unexpected_argument(at, first_extra(fault, arguments));
  if (const auto twice = fault.get_name() == "ArgumentMismatch" ? given_twice(at, arguments) : std::nullopt)
    return {ErrorCode::kUsage, "\"" + at.command + "\": \"" + *twice + "\" is given twice", "keep one of the two"};
  return {ErrorCode::kUsage, "\"" + at.command + "\": " + as_message(fault.what()), see_help(at)};
}

}  // namespace reburst::cli
