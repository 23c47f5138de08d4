// The manual page, made from the command line's own definitions (roff, man(7) macros).
#include "cli/verb.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "core/version.hpp"

namespace reburst::cli {

namespace {

// Text that roff must not interpret: backslashes, hyphens, and a dot or quote that opens a line.
std::string escaped(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char one : text) {
    if (one == '\\') {
      out += "\\e";
    } else if (one == '-') {
      out += "\\-";
    } else {
      if (line_start && (one == '.' || one == '\'')) out += "\\&";
      out += one;
    }
    line_start = one == '\n';
  }
  return out;
}

std::string option_heading(const CLI::Option& option) {
  std::string out;
  for (const auto& name : option.get_snames()) out += (out.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) out += (out.empty() ? "--" : ", --") + name;
  if (out.empty()) return option.get_name();
  const auto type = option.get_type_name();
  return option.get_items_expected_max() == 0 || type.empty() ? out : out + " " + type;
}

std::string describe_options(const CLI::App& app) {
  std::string out;
  for (const auto* option : app.get_options()) {
    out += ".TP\n.B " + escaped(option_heading(*option)) + "\n" + escaped(option->get_description()) + "\n";
  }
  return out;
}

std::string describe_verb(const CLI::App& app, const std::string& path) {
  std::string out =
      ".SS \"" + escaped("reburst " + path) + "\"\n" + escaped(app.get_description()) + ".\n" + describe_options(app);
  const auto footer = app.get_footer();
  const auto examples = footer.substr(std::min(footer.size(), footer.find('\n') + 1));
  if (!examples.empty()) out += ".PP\n.nf\n" + escaped(examples) + "\n.fi\n";
  for (const auto* verb : app.get_subcommands(nullptr)) out += describe_verb(*verb, path + " " + verb->get_name());
  return out;
}

std::string entry(const std::string& term, std::string_view text) {
  return ".TP\n.B " + escaped(term) + "\n" + escaped(text) + "\n";
}

std::string exit_statuses() {
  std::string out = ".SH EXIT STATUS\n" + entry("0", "success");
  for (int number = 1; number <= static_cast<int>(ErrorCode::kYanked); ++number)
    out += entry(std::to_string(number), error_meaning(static_cast<ErrorCode>(number)));
  return out + entry("130", error_meaning(ErrorCode::kInterrupted)) +
         entry("128+N", "ended by signal N, as by SIGKILL (137) when memory is short; what was begun is cleared up");
}

std::string surroundings() {
  return ".SH ENVIRONMENT\n" +
         entry("REBURST_CACHE", "Where downloads and derived files are kept, unless --cache says so.") +
         entry("XDG_CACHE_HOME",
               "Without REBURST_CACHE, the cache is its folder reburst; without it, ~/.cache/reburst.") +
         entry("REBURST_RECIPES", "Folder of the shipped recipes, unless --recipes says so.") +
         entry("http_proxy", "Used where apt's own configuration names no proxy.") +
         entry("REGISTRY_AUTH_FILE",
               "Names and passwords for OCI registries, unless --authfile says so; without it, those that skopeo login "
               "and docker login keep.") +
         entry("NO_COLOR", "When it is not empty, no colours.") + ".SH FILES\n" +
         entry("out/ROLE/VERSION/",
               "A finished build: disk image, unified kernel image, kernel, initrd, manifest.json, ROLE.lock and "
               "SHA256SUMS.") +
         entry("ROLE.lock", "Beside a recipe: every input of its build by digest; used when it is there.") +
         entry("/etc/apt", "Sources, keyrings and proxy of recipes that say \"sources: host\". Read, never written.");
}

std::string page(const CLI::App& root) {
  std::string out = ".TH REBURST 1 \"\" \"reburst " + std::string(kVersion) +
                    "\" \"User Commands\"\n.SH NAME\nreburst \\- " + escaped(root.get_description()) +
                    "\n.SH SYNOPSIS\n.B reburst\n.I VERB\n[\\fIOPTION\\fR]...\n.SH OPTIONS\n" + describe_options(root) +
                    ".SH VERBS\n";
  for (const auto* verb : root.get_subcommands(nullptr)) out += describe_verb(*verb, verb->get_name());
  return out + exit_statuses() + surroundings();
}

}  // namespace

Verb add_man(CLI::App& root, Session& session) {
  auto* app = root.add_subcommand("man", "Print the manual page");
  add_common(*app, session);
  app->footer("Examples:\n  reburst man | man -l -");
  return {app, [&root, &session]() -> VerbResult {
            const auto text = page(root);
            REBURST_TRY(print(session.common.json ? canonical_json({{"man", text}}) : text));
            return 0;
          }};
}

}  // namespace reburst::cli
