// Shell completion, made from the command line's own definitions so that it cannot drift from them.
#include <algorithm>
#include <array>
#include <functional>

#include "cli/verb.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace reburst::cli {

namespace {

enum class Value { kNone, kPath, kChannel, kOther };

struct Option {
  std::string name;  // "--out"
  Value value = Value::kNone;
};

struct Word {
  std::string path;                  // "recipe check"
  std::vector<Option> options;       // in the order of the help
  std::vector<std::string> verbs;    // sub-verbs
  bool role = false;                 // takes a role
  bool release = false;              // takes web@stable
  bool version = false;              // takes a version
  bool files = false;                // takes a file, or a role by its file
  std::vector<std::string> choices;  // what its argument may be, where that is a short list
};

Value value_of(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return Value::kNone;
  const auto type = option.get_type_name();
  if (type == "CHANNEL") return Value::kChannel;
  return type.starts_with("DIR") || type == "FILE" ? Value::kPath : Value::kOther;
}

void add_options(const CLI::App& app, Word& word) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) word.options.push_back({"--" + name, value_of(*option)});
    const auto name = option->get_name();
    if (name == "ROLE") word.role = true;
    if (name == "RELEASE") word.release = true;
    if (name == "VERSION") word.version = true;
    constexpr std::array kFiles = {"ROLE", "FILE", "OLD", "NEW", "KEY", "DIR"};
    if (std::find(kFiles.begin(), kFiles.end(), name) != kFiles.end()) word.files = true;
    if (name == "SIGNER") word.choices = {"root", "targets", "snapshot", "timestamp", "channel"};
    if (name == "SHELL") word.choices = {"bash", "zsh", "fish"};
  }
}

void collect(const CLI::App& app, const std::string& path, std::vector<Word>& words) {
  Word word;
  word.path = path;
  add_options(app, word);
  for (const auto* verb : app.get_subcommands(nullptr)) word.verbs.push_back(verb->get_name());
  words.push_back(word);
  for (const auto* verb : app.get_subcommands(nullptr)) {
    collect(*verb, path.empty() ? verb->get_name() : path + " " + verb->get_name(), words);
  }
}

std::string offered(const Word& word) {
  std::vector<std::string> all = word.verbs;
  all.insert(all.end(), word.choices.begin(), word.choices.end());
  for (const auto& option : word.options) all.push_back(option.name);
  return join(all, " ") + (word.role ? " $(_reburst_roles)" : "") + (word.release ? " $(_reburst_releases)" : "") +
         (word.version ? " $(_reburst_releases | sed -n 's/^.*@\\([0-9]\\)/\\1/p')" : "");
}

// "--out|--lock": the options of any verb that take such a value; a name means the same everywhere.
std::string taking(const std::vector<Word>& words, Value value) {
  std::vector<std::string> names;
  for (const auto& word : words) {
    for (const auto& option : word.options) {
      const bool known = std::find(names.begin(), names.end(), option.name) != names.end();
      if (option.value == value && !known) names.push_back(option.name);
    }
  }
  return join(names, "|");
}

// "build) …;; recipe) …;;": the case branches that find the verb, word by word, in a variable called `at`.
std::string steps(const std::vector<Word>& words, std::string_view indent) {
  std::string out;
  for (const auto& word : words) {
    if (word.path.empty()) continue;
    const auto cut = word.path.rfind(' ');
    const auto parent = cut == std::string::npos ? "" : word.path.substr(0, cut);
    const auto name = cut == std::string::npos ? word.path : word.path.substr(cut + 1);
    out += std::string(indent) + "\"" + parent + " " + name + "\") at=\"" + word.path + "\" ;;\n";
  }
  return out;
}

// For bash and zsh. What ls says of a folder that is not there is nobody's concern.
constexpr std::string_view kRoles =
    "_reburst_roles() {\n"
    "  [ -z \"${REBURST_RECIPES-}\" ] || command ls \"$REBURST_RECIPES\" 2>/dev/null | sed -n 's/\\.yaml$//p'\n"
    "  command ls 2>/dev/null | sed -n 's|^.*\\.yaml$|./&|p'\n"
    "}\n";

// What the registry ./registry has: web@stable and web@20261121T161027Z. The same commands in every shell.
constexpr std::string_view kFindReleases =
    "command find registry/targets -mindepth 2 -maxdepth 3 -type d 2>/dev/null | sed -n "
    "'s|^registry/targets/\\([^/]*\\)/\\([^/]*\\)$|\\1@\\2|p; s|^registry/targets/\\([^/]*\\)/[^/]*/|\\1@|p' | sort -u";
constexpr std::string_view kFindChannels =
    "begin; echo dev; echo stable; command find registry/targets -mindepth 2 -maxdepth 2 -type d 2>/dev/null | "
    "sed 's|.*/||'; end | sort -u";

std::string posix_releases() {
  std::string channels(kFindChannels);
  channels.replace(channels.find("begin;"), 6, "{");
  channels.replace(channels.find("end"), 3, "}");
  return "_reburst_releases() {\n  " + std::string(kFindReleases) + "\n}\n_reburst_channels() {\n  " + channels +
         "\n}\n";
}

std::string bash(const std::vector<Word>& words) {
  std::string out = "# bash completion for reburst; put it where bash-completion looks, or source it.\n";
  out += std::string(kRoles) + posix_releases();
  // "@" parts words in bash: what follows it is a word of its own.
  out +=
      "_reburst() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} at= i\n"
      "  case ${COMP_WORDS[COMP_CWORD-1]} in\n"
      "    @) COMPREPLY=($(compgen -W \"$(_reburst_releases | sed 's/^.*@//')\" -- \"$current\")); return ;;\n"
      "    " +
      taking(words, Value::kPath) + ") COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n    " +
      taking(words, Value::kChannel) +
      ") COMPREPLY=($(compgen -W \"$(_reburst_channels)\" -- \"$current\")); return ;;\n    " +
      taking(words, Value::kOther) +
      ") COMPREPLY=(); return ;;\n"
      "  esac\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$at ${COMP_WORDS[i]}\" in\n" +
      steps(words, "      ") + "    esac\n  done\n  case \"$at\" in\n";
  for (const auto& word : words) {
    out += "    \"" + word.path + "\") COMPREPLY=($(compgen -W \"" + offered(word) + "\" -- \"$current\")) " +
           (word.files ? "" : "; return ") + ";;\n";
  }
  out +=
      "  esac\n  case $current in -*) ;; *) COMPREPLY+=($(compgen -f -- \"$current\")) ;; esac\n}\n"
      "complete -o filenames -F _reburst reburst\n";
  return out;
}

// `path` and `words` are zsh's own names. The last line serves a script that is sourced and one that lies in $fpath.
std::string zsh(const std::vector<Word>& words) {
  std::string out =
      "#compdef reburst\n"
      "# zsh completion for reburst: in a folder of $fpath as _reburst, or sourced after compinit.\n";
  out += std::string(kRoles) + posix_releases();
  out +=
      "_reburst() {\n"
      "  local at= i\n"
      "  case ${words[CURRENT-1]} in\n"
      "    " +
      taking(words, Value::kPath) + ") _files; return ;;\n    " + taking(words, Value::kChannel) +
      ") compadd -- $(_reburst_channels); return ;;\n    " + taking(words, Value::kOther) +
      ") return ;;\n"
      "  esac\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$at ${words[i]}\" in\n" +
      steps(words, "      ") + "    esac\n  done\n  case \"$at\" in\n";
  for (const auto& word : words) {
    out += "    \"" + word.path + "\") compadd -- " + offered(word) + (word.files ? "" : "; return") + " ;;\n";
  }
  out +=
      "  esac\n  case $PREFIX in -*) ;; *) _files ;; esac\n}\n"
      "if [ \"$funcstack[1]\" = _reburst ]; then _reburst \"$@\"; else compdef _reburst reburst; fi\n";
  return out;
}

// The verb, word by word: that a word stands somewhere (a role may be called "diff") says nothing.
std::string fish_place(const std::vector<Word>& words) {
  std::string out =
      "function __reburst_at\n"
      "  set -l at ''\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    switch \"$at $word\"\n";
  for (const auto& word : words) {
    if (word.path.empty()) continue;
    const auto step = word.path.find(' ') == std::string::npos ? " " + word.path : word.path;
    out += "      case '" + step + "'\n        set at '" + word.path + "'\n";
  }
  return out + "    end\n  end\n  test \"$at\" = \"$argv\"\nend\n";
}

std::string fish(const std::vector<Word>& words) {
  std::string out =
      "# fish completion for reburst.\n"
      "function __reburst_roles\n"
      "  set -q REBURST_RECIPES; and ls $REBURST_RECIPES 2>/dev/null | string replace -rf '\\.yaml$' ''\n"
      "  ls 2>/dev/null | string replace -rf '^(.*\\.yaml)$' './$1'\n"
      "end\n"
      "function __reburst_releases\n  " +
      std::string(kFindReleases) + "\nend\nfunction __reburst_channels\n  " + std::string(kFindChannels) + "\nend\n" +
      fish_place(words);
  for (const auto& word : words) {
    const auto begin = "complete -c reburst -n \"__reburst_at '" + word.path + "'\"";
    if (!word.files) out += begin + " -f\n";
    for (const auto& verb : word.verbs) out += begin + " -a " + verb + "\n";
    if (word.role) out += begin + " -a '(__reburst_roles)'\n";
    if (word.release) out += begin + " -a '(__reburst_releases)'\n";
    if (word.version) out += begin + " -a '(__reburst_releases | string replace -rf \"^.*@([0-9])\" \"\\$1\")'\n";
    for (const auto& choice : word.choices) out += begin + " -a " + choice + "\n";
    for (const auto& option : word.options) {
      const auto* takes = option.value == Value::kPath      ? " -r -F"
                          : option.value == Value::kChannel ? " -x -a '(__reburst_channels)'"
                          : option.value == Value::kOther   ? " -x"
                                                            : "";
      out += begin + " -l " + option.name.substr(2) + takes + "\n";
    }
  }
  return out;
}

}  // namespace

Verb add_completion(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("completion", "Print a shell's completion script");
  auto shell = std::make_shared<std::string>();
  app->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  add_common(*app, session);
  app->footer(
      "Examples:\n  source <(reburst completion bash)\n  reburst completion fish > "
      "~/.config/fish/completions/reburst.fish");
  return {app, [&root, &session, shell]() -> VerbResult {
            std::vector<Word> words;
            collect(root, "", words);
            const auto text = *shell == "bash" ? bash(words) : *shell == "zsh" ? zsh(words) : fish(words);
            REBURST_TRY(print(session.common.json ? canonical_json({{"completion", text}}) : text));
            return 0;
          }};
}

}  // namespace reburst::cli
