// Shell completion, made from the command line's own definitions so that it cannot drift from them.
#include <functional>

#include "cli/verb.hpp"
#include "core/json.hpp"

namespace reburst::cli {

namespace {

struct Word {
  std::string path;                  // "recipe check"
  std::vector<std::string> options;  // "--out", …
  std::vector<std::string> verbs;    // sub-verbs
};

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

void collect(const CLI::App& app, const std::string& path, std::vector<Word>& words) {
  Word word{path, option_names(app), {}};
  for (const auto* verb : app.get_subcommands(nullptr)) word.verbs.push_back(verb->get_name());
  words.push_back(word);
  for (const auto* verb : app.get_subcommands(nullptr)) {
    collect(*verb, path.empty() ? verb->get_name() : path + " " + verb->get_name(), words);
  }
}

std::string joined(const std::vector<std::string>& first, const std::vector<std::string>& second) {
  std::string out;
  for (const auto* list : {&first, &second}) {
    for (const auto& item : *list) out += (out.empty() ? "" : " ") + item;
  }
  return out;
}

std::string bash(const std::vector<Word>& words) {
  std::string out =
      "# bash completion for reburst; put it where bash-completion looks, or source it.\n"
      "_reburst() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} path= word i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    word=${COMP_WORDS[i]}\n"
      "    case \"$path $word\" in\n";
  for (const auto& word : words) {
    if (!word.path.empty()) {
      const auto cut = word.path.rfind(' ');
      const auto parent = cut == std::string::npos ? "" : word.path.substr(0, cut);
      const auto name = cut == std::string::npos ? word.path : word.path.substr(cut + 1);
      out += "      \"" + parent + " " + name + "\") path=\"" + word.path + "\" ;;\n";
    }
  }
  out += "    esac\n  done\n  case \"$path\" in\n";
  for (const auto& word : words) {
    out += "    \"" + word.path + "\") COMPREPLY=($(compgen -W \"" + joined(word.verbs, word.options) +
           "\" -- \"$current\")) ;;\n";
  }
  out +=
      "  esac\n  case $current in -*) ;; *) COMPREPLY+=($(compgen -f -- \"$current\")) ;; esac\n}\n"
      "complete -o filenames -F _reburst reburst\n";
  return out;
}

std::string zsh(const std::vector<Word>& words) {
  return "#compdef reburst\n# zsh completion for reburst, by way of its bash completion.\nautoload -U +X bashcompinit "
         "&& bashcompinit\n" +
         bash(words);
}

std::string fish_condition(const std::string& path) {
  if (path.empty()) return "__fish_use_subcommand";
  std::string out;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const auto end = std::min(path.find(' ', begin), path.size());
    out += (out.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + path.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string fish(const std::vector<Word>& words) {
  std::string out = "# fish completion for reburst.\n";
  for (const auto& word : words) {
    const auto condition = " -n '" + fish_condition(word.path) + "'";
    for (const auto& verb : word.verbs) out += "complete -c reburst" + condition + " -a " + verb + "\n";
    for (const auto& option : word.options) out += "complete -c reburst" + condition + " -l " + option.substr(2) + "\n";
  }
  return out;
}

}  // namespace

Verb add_completion(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("completion", "Print a shell's completion script");
  auto shell = std::make_shared<std::string>();
  app->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  add_output_options(*app, session);
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
