// Compares our resolving with apt's on the machine's own archive: apt_parity [--all] LIST
// Every request of the list (tests/solver/parity.list) is resolved by us and by `apt-get -s install` into an empty
// root, from the very same Packages files. Ours must be apt's set and versions, or that set without packages that
// nothing in it needs; where apt refuses, we must refuse. Exit status 1 when one differs.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "builder/resolve/resolve.hpp"
#include "builder/resolve/stanza.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace {

using namespace reburst;
using PackageSet = std::map<std::string, std::string>;  // name -> version

// An apt that shares only the sources and keyrings of the machine: its lists, cache and (empty) dpkg status are
// private.
class PrivateApt {
 public:
  static Result<PrivateApt> make(const fs::path& root) {
    PrivateApt apt;
    for (const auto* folder : {"lists/partial", "cache/archives/partial", "log"})
      REBURST_TRY(make_directories(root / folder));
    REBURST_TRY(write_file_atomic(root / "status", ""));
    for (const auto& option :
         {"Dir::State=" + root.string(), "Dir::State::lists=" + (root / "lists").string(),
          "Dir::State::status=" + (root / "status").string(), "Dir::Cache=" + (root / "cache").string(),
          std::string("Dir::Cache::pkgcache=pkgcache.bin"), std::string("Dir::Cache::srcpkgcache=srcpkgcache.bin"),
          "Dir::Log=" + (root / "log").string(), std::string("Dir::Etc::preferences=/dev/null"),
          std::string("Dir::Etc::preferencesparts=/dev/null"), std::string("APT::Default-Release="),
          std::string("APT::Sandbox::User=root"), std::string("APT::Install-Suggests=false"),
          std::string("APT::Solver=internal"), std::string("Acquire::GzipIndexes=false"),
          std::string("Acquire::Languages=none"), std::string("Debug::NoLocking=true")}) {
      apt.options_.push_back("-o");
      apt.options_.push_back(option);
    }
    return apt;
  }

  [[nodiscard]] Result<Exit> run(const std::string& program, const std::vector<std::string>& arguments) const {
    Command command;
    command.argv = {program};
    command.argv.insert(command.argv.end(), options_.begin(), options_.end());
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.merge_output = true;
    command.max_output = 256U << 20U;
    command.timeout_seconds = 900;
    return reburst::run(command);
  }

 private:
  std::vector<std::string> options_;
};

// apt's pin of a suite that says NotAutomatic (backports, experimental).
int suite_priority(const fs::path& packages) {
  const auto name = packages.filename().string();
  const auto dists = name.rfind("_binary-");
  const auto component = dists == std::string::npos ? dists : name.rfind('_', dists - 1);
  if (component == std::string::npos) return 500;
  const auto release = read_file(packages.parent_path() / (name.substr(0, component) + "_InRelease"), 64U << 20U);
  if (!release || release->find("\nNotAutomatic: yes") == std::string::npos) return 500;
  return release->find("\nButAutomaticUpgrades: yes") == std::string::npos ? 1 : 100;
}

Result<source::Archive> read_archive(const PrivateApt& apt) {
  const auto updated = REBURST_TRY(apt.run("apt-get", {"update"}));
  if (updated.status != 0) return fail(ErrorCode::kNetwork, "apt-get update failed:\n" + updated.out);
  const auto architecture = REBURST_TRY(run({.argv = {"dpkg", "--print-architecture"}}));
  const auto targets = REBURST_TRY(apt.run(
      "apt-get", {"indextargets", "--format", "$(FILENAME) $(ARCHITECTURE) $(COMPONENT)", "Created-By: Packages"}));
  source::Archive archive;
  archive.architecture = trim(architecture.out);
  for (const auto line : split(targets.out, '\n')) {
    const auto words = split_words(line);
    if (words.size() < 2 || !fs::exists(words[0])) continue;
    source::Release release;
    release.priority = suite_priority(fs::path(words[0]));
    source::Index index;
    index.release = archive.releases.size();
    index.file = words[0];
    index.size = fs::file_size(index.file);
    index.digest = REBURST_TRY(sha256_file(index.file));
    archive.releases.push_back(release);
    archive.indexes.push_back(index);
  }
  if (archive.indexes.empty()) return fail(ErrorCode::kMissing, "apt has no Packages files:\n" + targets.out);
  return archive;
}

Result<std::vector<std::string>> essential_names(const source::Archive& archive) {
  std::set<std::string> names;
  for (const auto& index : archive.indexes) {
    const auto text = REBURST_TRY(read_file(index.file, 1U << 30U));
    resolve::StanzaReader reader(text);
    while (const auto stanza = reader.next()) {
      const auto fields = resolve::read_stanza(*stanza);
      if (fields.essential == "yes") names.emplace(fields.package);
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

struct Request {
  bool quick = false, recommends = false;
  std::vector<std::string> names;
  [[nodiscard]] std::string shown() const { return join(names, " ") + (recommends ? " (with recommends)" : ""); }
};

// "quick|all plain|recommends|both NAME…"; `both` is two requests.
Result<std::vector<Request>> read_list(const fs::path& file) {
  std::vector<Request> out;
  const auto text = REBURST_TRY(read_file(file, 1U << 20U));
  for (const auto line : split(text, '\n')) {
    const auto words = split_words(line);
    if (words.empty() || words[0].front() == '#') continue;
    if (words.size() < 3) return fail(ErrorCode::kUsage, "\"" + std::string(line) + "\" is not a request");
    Request request{words[0] == "quick", false, {words.begin() + 2, words.end()}};
    if (words[1] != "recommends") out.push_back(request);
    request.recommends = true;
    if (words[1] != "plain") out.push_back(request);
  }
  return out;
}

struct AptAnswer {
  bool refused = false;
  PackageSet set;
  std::string output;
};

// Lines "Inst bash (5.2.15-2 Debian:12/stable [amd64])".
Result<AptAnswer> ask_apt(const PrivateApt& apt, const std::vector<std::string>& names, bool recommends) {
  std::vector<std::string> arguments = {"-s", recommends ? "--install-recommends" : "--no-install-recommends",
                                        "install"};
  arguments.insert(arguments.end(), names.begin(), names.end());
  const auto exit = REBURST_TRY(apt.run("apt-get", arguments));
  AptAnswer answer{exit.status != 0, {}, exit.out};
  for (const auto line : split(exit.out, '\n')) {
    const auto words = split_words(line);
    if (words.size() >= 3 && words[0] == "Inst") answer.set.emplace(words[1], words[2].substr(1));
  }
  return answer;
}

// The names that apt lists under "is a virtual package provided by:".
std::set<std::string> virtual_providers(const std::string& output) {
  std::set<std::string> out;
  bool inside = false;
  for (const auto line : split(output, '\n')) {
    if (line.find("is a virtual package provided by") != std::string_view::npos) {
      inside = true;
    } else if (inside && line.starts_with("  ")) {
      out.emplace(split_words(line).at(0));
    } else {
      inside = false;
    }
  }
  return out;
}

struct Tally {
  int equal = 0, leaner = 0, refused = 0, wrong = 0;
  std::vector<double> our_seconds, their_seconds;
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class Comparison {
 public:
  Comparison(const PrivateApt& apt, const source::Archive& archive, cache::Cache& cache,
             std::vector<std::string> essential)
      : apt_(apt), archive_(archive), cache_(cache), essential_(std::move(essential)) {}

  // Asks apt; from any thread.
  Result<> ask(const Request& request, AptAnswer& answer, double& seconds) const {
    auto names = essential_;
    names.insert(names.end(), request.names.begin(), request.names.end());
    const auto start = std::chrono::steady_clock::now();
    answer = REBURST_TRY(ask_apt(apt_, names, request.recommends));
    seconds = since(start);
    return {};
  }

  Result<> compare(const Request& request, const AptAnswer& theirs, double their_seconds) {
    tally_.their_seconds.push_back(their_seconds);
    resolve::Request ours;
    ours.install = request.names;
    ours.recommends = request.recommends;
    const auto begin = std::chrono::steady_clock::now();
    const auto outcome = REBURST_TRY(resolve::resolve(ours, archive_, cache_));
    tally_.our_seconds.push_back(since(begin));
    std::printf("%-60s ", request.shown().c_str());
    if (const auto* unsolvable = std::get_if<resolve::Unsolvable>(&outcome)) {
      judge_refusal(theirs, *unsolvable);
    } else {
      REBURST_TRY(judge_set(request, theirs, std::get<resolve::Resolution>(outcome)));
    }
    std::fflush(stdout);
    return {};
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  void wrong(const std::string& why) {
    ++tally_.wrong;
    std::printf("WRONG: %s\n", why.c_str());
  }

  void judge_refusal(const AptAnswer& theirs, const resolve::Unsolvable& ours) {
    const auto& what = ours.problems.front().what;
    if (!theirs.refused) return wrong("apt takes it, we say: " + what);
    for (const auto& provider : virtual_providers(theirs.output)) {
      if ((" " + what + ",").find(" " + provider + ",") == std::string::npos)
        return wrong("\"" + provider + "\" is not in: " + what);
    }
    ++tally_.refused;
    std::printf("refused by both: %.70s\n", what.c_str());
  }

  Result<> judge_set(const Request& request, const AptAnswer& theirs, const resolve::Resolution& ours) {
    if (theirs.refused)
      return wrong("we take it, apt does not: " + std::string(tail_lines(theirs.output, 4))), Result<>();
    std::vector<std::string> exact;
    std::string foreign;
    for (const auto& package : ours.packages) {
      exact.push_back(package.name + "=" + package.version);
      const auto found = theirs.set.find(package.name);
      if (found == theirs.set.end() || found->second != package.version) foreign += " " + exact.back();
    }
    if (!foreign.empty()) return wrong("apt would not take" + foreign), Result<>();
    if (ours.packages.size() == theirs.set.size()) {
      ++tally_.equal;
      std::printf("equal, %zu packages\n", ours.packages.size());
      return {};
    }
    return judge_leaner(request, theirs, ours, exact);
  }

  // apt itself says whether anything is missing in our set: asked for exactly it, it adds nothing.
  Result<> judge_leaner(const Request& request, const AptAnswer& theirs, const resolve::Resolution& ours,
                        const std::vector<std::string>& exact) {
    const auto again = REBURST_TRY(ask_apt(apt_, exact, request.recommends));
    std::string left_out;
    for (const auto& [name, version] : theirs.set) {
      if (std::none_of(ours.packages.begin(), ours.packages.end(), [&](const auto& one) { return one.name == name; }))
        left_out += " " + name;
    }
    if (again.refused || again.set.size() != exact.size()) {
      wrong("needed after all, one of" + left_out);
    } else {
      ++tally_.leaner;
      std::printf("leaner, %zu packages without%s\n", exact.size(), left_out.c_str());
    }
    return {};
  }

  const PrivateApt& apt_;
  const source::Archive& archive_;
  cache::Cache& cache_;
  std::vector<std::string> essential_;
  Tally tally_;
};

Result<bool> compare_all(const fs::path& list, bool all) {
  const auto folder = REBURST_TRY(TempDirectory::make(fs::temp_directory_path(), "reburst-parity"));
  const auto apt = REBURST_TRY(PrivateApt::make(folder.path()));
  const auto archive = REBURST_TRY(read_archive(apt));
  auto cache = REBURST_TRY(cache::Cache::open(folder.path() / "reburst"));
  Comparison comparison(apt, archive, cache, REBURST_TRY(essential_names(archive)));
  auto requests = REBURST_TRY(read_list(list));
  if (!all) std::erase_if(requests, [](const Request& request) { return !request.quick; });
  // apt takes seconds a request: two at a time when there are many; one after the other where both sides are timed.
  std::vector<AptAnswer> answers(requests.size());
  std::vector<double> seconds(requests.size());
  REBURST_TRY(parallel_for(all ? 2 : 1, requests.size(),
                           [&](std::size_t i) { return comparison.ask(requests[i], answers[i], seconds[i]); }));
  for (std::size_t i = 0; i < requests.size(); ++i)
    REBURST_TRY(comparison.compare(requests[i], answers[i], seconds[i]));
  const int count = static_cast<int>(requests.size());
  const auto& tally = comparison.tally();
  std::printf("%d requests: %d equal, %d leaner, %d refused by both, %d wrong\n", count, tally.equal, tally.leaner,
              tally.refused, tally.wrong);
  // Ours from the cached indexes to the set; apt's is its whole process, from its cached indexes as well.
  const double ours = median(tally.our_seconds);
  const double theirs = median(tally.their_seconds);
  std::printf("medians: reburst %.3f s, apt-get --simulate %.3f s, ratio %.2f\n", ours, theirs, ours / theirs);
  // Leaner is allowed, but the walk is apt's: it must be the exception.
  return count > 0 && tally.wrong == 0 && tally.leaner * 10 <= count;
}

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc > 1 && std::string_view(argv[1]) == "--all";
  if (argc != (all ? 3 : 2)) {
    std::fprintf(stderr, "usage: apt_parity [--all] LIST\n");
    return 2;
  }
  const auto good = compare_all(argv[argc - 1], all);
  if (!good) {
    std::fprintf(stderr, "%s\n", good.error().render().c_str());
    return 1;
  }
  return *good ? 0 : 1;
}
