#include <algorithm>

#include "builder/source/apt_settings.hpp"
#include "builder/source/keyrings.hpp"
#include "builder/source/open_archive.hpp"
#include "builder/source/sources_list.hpp"
#include "core/file.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "fetch/uri.hpp"

namespace reburst::source {

namespace {

constexpr std::uint64_t kMaxSourcesFile = 4U << 20U;
constexpr int kDetectSeconds = 20;

#if defined(__x86_64__)
constexpr std::string_view kOwnArchitecture = "amd64";
#elif defined(__aarch64__)
constexpr std::string_view kOwnArchitecture = "arm64";
#else
#error "name dpkg's architecture of this machine here"
#endif

Result<AptSettings> ask_apt(const fs::path& root) {
  if (root != "/" || !find_program("apt-config")) return AptSettings::defaults();
  const Exit exit = REBURST_TRY(run({.argv = {"apt-config", "dump"}}));
  if (exit.status != 0) {
    return fail(
        ErrorCode::kEnvironment,
        "cannot read apt's configuration: \"apt-config dump\" failed\n" + indent(tail_lines(exit.error, 5), "  "),
        "correct the files in /etc/apt/apt.conf.d");
  }
  return AptSettings::parse(exit.out);
}

std::string architecture_of(const AptSettings& settings) {
  return settings.get("APT::Architecture", kOwnArchitecture);
}

// What becomes of the entries; filled in the order of apt's files.
struct Reading {
  const fs::path& root;
  const fs::path& scratch;
  const AptSettings& settings;
  HostConfiguration out;
};

fs::path beneath(const fs::path& root, const fs::path& path) {
  return root / path.relative_path();
}

std::string place(const SourceEntry& entry) {
  return "\"" + entry.name + "\" line " + std::to_string(entry.line);
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_for(const SourceEntry& entry, const std::string& architecture) {
  if (contains(entry.architectures_remove, architecture)) return false;
  return entry.architectures.empty() || contains(entry.architectures, architecture) ||
         contains(entry.architectures_add, architecture);
}

bool is_fingerprint(std::string_view text) {
  if (text.ends_with('!')) text.remove_suffix(1);
  return text.size() >= 40 && std::all_of(text.begin(), text.end(), [](char letter) { return hex_value(letter) >= 0; });
}

std::string upper(std::string text) {
  for (auto& letter : text) {
    if (letter >= 'a' && letter <= 'f') letter = static_cast<char>(letter - 32);
  }
  return text;
}

// Keyrings and fingerprints of an entry; an embedded key becomes a file in `scratch` (signature.cpp reads armored
// ones).
Result<> read_trust(const SourceEntry& entry, Reading& reading, Repository& repository) {
  if (!entry.embedded_keys.empty()) {
    const auto file = reading.scratch / ("signed-by-" + sha256(entry.embedded_keys).hex() + ".asc");
    REBURST_TRY(write_file_atomic(file, entry.embedded_keys));
    repository.keyrings.push_back(file);
  }
  for (const auto& word : entry.signed_by) {
    if (word.starts_with('/')) {
      repository.keyrings.push_back(beneath(reading.root, word));
    } else if (is_fingerprint(word)) {
      repository.fingerprints.push_back(upper(word));
    } else {
      return fail(
          ErrorCode::kEnvironment,
          "cannot read apt's " + place(entry) + ": Signed-By \"" + word + "\" is neither a path nor a fingerprint",
          "name the keyring by its absolute path");
    }
  }
  if (repository.keyrings.empty())
    repository.keyrings = default_keyrings(beneath(reading.root, reading.settings.path("Dir::Etc")));
  return {};
}

// "$(ARCH)" and the end of the address.
std::string expand(std::string text, const std::string& architecture) {
  constexpr std::string_view kVariable = "$(ARCH)";
  for (auto at = text.find(kVariable); at != std::string::npos; at = text.find(kVariable)) {
    text.replace(at, kVariable.size(), architecture);
  }
  return text;
}

// apt's copy: reads files like file:. Empty for a method that we lack.
std::string usable_uri(std::string uri, const std::string& architecture) {
  uri = expand(std::move(uri), architecture);
  if (uri.starts_with("copy:")) uri.replace(0, 4, "file");
  while (uri.ends_with('/') && uri.size() > std::string_view("file:///").size()) uri.pop_back();
  for (const auto* scheme : {"http:", "https:", "file:"}) {
    if (uri.starts_with(scheme)) return uri;
  }
  return {};
}

void add(Repository repository, HostConfiguration& out) {
  for (auto& known : out.repositories) {
    if (known.uri != repository.uri || known.suite != repository.suite || known.keyrings != repository.keyrings ||
        known.fingerprints != repository.fingerprints) {
      continue;
    }
    for (auto& component : repository.components) {
      if (!contains(known.components, component)) known.components.push_back(std::move(component));
    }
    return;
  }
  out.repositories.push_back(std::move(repository));
}

Result<> add_entry(const SourceEntry& entry, Reading& reading) {
  auto& out = reading.out;
  if (!is_for(entry, out.architecture)) return {};
  Repository common;
  common.components = entry.components;
  const bool policy =
      reading.settings.flag("Acquire::Check-Valid-Until", true) && reading.settings.flag("Acquire::Check-Date", true);
  common.check_valid_until = entry.check_valid_until.value_or(policy);
  REBURST_TRY(read_trust(entry, reading, common));
  if (entry.trusted)
    out.source_notes.push_back("warning: " + place(entry) +
                               " is marked as trusted; its signature is checked all the same");
  for (const auto& uri : entry.uris) {
    common.uri = usable_uri(uri, out.architecture);
    if (common.uri.empty()) {
      out.source_notes.push_back("warning: skipping \"" + uri.substr(0, uri.find(':') + 1) + "…\" of " + place(entry) +
                                 ": only http:, https: and file: are read");
      continue;
    }
    for (const auto& suite : entry.suites) {
      common.suite = expand(suite, out.architecture);
      if (common.suite.ends_with('/')) {
        out.source_notes.push_back("warning: skipping the flat repository of " + place(entry) +
                                   ": only repositories with components are read");
        continue;
      }
      add(common, out);
    }
  }
  return {};
}

Result<> add_file(const fs::path& file, Reading& reading) {
  const std::string text = REBURST_TRY(read_file(file, kMaxSourcesFile));
  const bool deb822 = file.extension() == ".sources";
  const auto entries =
      REBURST_TRY(deb822 ? parse_deb822_sources(text, file.string()) : parse_one_line_sources(text, file.string()));
  for (const auto& entry : entries) REBURST_TRY(add_entry(entry, reading));
  return {};
}

// "http://host" of each repository that is read over http(s); once each.
std::vector<std::pair<std::string, std::string>> web_hosts(const std::vector<Repository>& repositories) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& repository : repositories) {
    const auto uri = fetch::parse_uri(repository.uri);
    if (!uri || uri->scheme == "file") continue;
    const std::pair<std::string, std::string> host = {uri->scheme + ":" + uri->host, repository.uri};
    const bool known = std::any_of(out.begin(), out.end(), [&](const auto& each) { return each.first == host.first; });
    if (!known) out.push_back(host);
  }
  return out;
}

// apt.conf(5): a program that prints the proxy for the URI that it is given. It has no say where a proxy is configured.
void detect_proxies(const AptSettings& settings, HostConfiguration& out) {
  const std::string program =
      settings.get("Acquire::http::Proxy-Auto-Detect", settings.get("Acquire::http::ProxyAutoDetect"));
  if (program.empty() || !out.proxy.empty()) return;
  std::vector<std::string> rules;
  for (const auto& [host, uri] : web_hosts(out.repositories)) {
    const auto exit = run({.argv = {program, uri}, .timeout_seconds = kDetectSeconds});
    if (!exit || exit->status != 0) {
      out.notes.push_back("warning: apt's proxy detection \"" + program + "\" failed; no proxy is used for " + host);
      continue;
    }
    const auto words = split_words(exit->out);
    if (!words.empty()) rules.push_back(host + "=" + std::string(words.front()));
  }
  out.proxy = join(rules, " ");
}

// Pins would change what apt installs; the choice here is by suite priority and version alone.
void tell_of_pins(const AptSettings& settings, const fs::path& root, HostConfiguration& out) {
  std::vector<fs::path> files = parts(beneath(root, settings.path("Dir::Etc::preferencesparts")), {".pref", ""});
  files.push_back(beneath(root, settings.path("Dir::Etc::preferences")));
  std::string named;
  for (const auto& file : files) {
    std::error_code ignored;
    if (file.has_extension() && file.extension() != ".pref") continue;  // apt_preferences(5)
    if (!fs::is_regular_file(file, ignored) || fs::file_size(file, ignored) == 0) continue;
    named += (named.empty() ? "\"" : ", \"") + file.filename().string() + "\"";
  }
  if (named.empty()) return;
  out.source_notes.push_back("warning: apt's preferences (" + named +
                             ") are not followed; name a version in the recipe (nginx=1.22.1-9) to pin it");
}

}  // namespace

Result<std::string> host_architecture(const fs::path& root) {
  return architecture_of(REBURST_TRY(ask_apt(root)));
}

Result<HostConfiguration> read_host_configuration(const fs::path& root, const fs::path& scratch) {
  const AptSettings settings = REBURST_TRY(ask_apt(root));
  Reading reading{root, scratch, settings, {}};
  reading.out.architecture = architecture_of(settings);
  reading.out.proxy = settings.proxy_rules();
  std::vector<fs::path> files = parts(beneath(root, settings.path("Dir::Etc::sourceparts")), {".list", ".sources"});
  const fs::path main = beneath(root, settings.path("Dir::Etc::sourcelist"));
  std::error_code ignored;
  if (fs::is_regular_file(main, ignored)) files.insert(files.begin(), main);
  for (const auto& file : files) REBURST_TRY(add_file(file, reading));
  tell_of_pins(settings, root, reading.out);
  detect_proxies(settings, reading.out);
  return std::move(reading.out);
}

}  // namespace reburst::source
