#include <algorithm>
#include <array>
#include <map>

#include "builder/source/open_archive.hpp"
#include "core/text.hpp"
#include "fetch/uri.hpp"

namespace reburst::source {

namespace {

// How a suite's name is made from its release's: "bookworm" + "-updates".
constexpr std::array<std::string_view, 2> kFollowing = {"-updates", "-security"};
constexpr std::string_view kOldSecurity = "/updates";
// Releases that have neither updates nor a security suite.
constexpr std::array<std::string_view, 4> kRolling = {"sid", "unstable", "experimental", "rc-buggy"};
// Releases whose security suite is still called "buster/updates".
constexpr std::array<std::string_view, 8> kOldNames = {"buster",  "stretch", "jessie", "wheezy",
                                                       "squeeze", "lenny",   "etch",   "sarge"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

struct Name {
  std::string release;
  std::string_view kind;  // "", "-updates" or "-security"
};

Name parse_name(const std::string& suite) {
  for (const auto kind : kFollowing) {
    if (suite.ends_with(kind)) return {suite.substr(0, suite.size() - kind.size()), kind};
  }
  if (suite.ends_with(kOldSecurity)) return {suite.substr(0, suite.size() - kOldSecurity.size()), "-security"};
  return {suite, ""};
}

bool has_main(const Repository& repository) {
  return std::any_of(repository.components.begin(), repository.components.end(),
                     [](const std::string& component) { return component == "main" || component == "updates/main"; });
}

// Whether it is the distribution's own: it has a "main", or another line of the same mirror and suite has (contrib and
// non-free-firmware often stand on a line of their own).
bool is_own(const Repository& repository, const std::vector<Repository>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Repository& other) {
    return other.uri == repository.uri && other.suite == repository.suite && has_main(other);
  });
}

// The release that most repositories with a "main" follow, updates and security among them; the first of several.
std::string own_release(const std::vector<Repository>& repositories) {
  std::map<std::string, int> followers;
  for (const auto& repository : repositories) {
    if (has_main(repository)) ++followers[parse_name(repository.suite).release];
  }
  std::string best;
  for (const auto& repository : repositories) {
    const auto release = parse_name(repository.suite).release;
    if (followers[release] > (best.empty() ? 0 : followers[best])) best = release;
  }
  return best;
}

// Whether a mirror carries the distribution: what else it offers for the old release (backports) is no loss to tell of.
bool is_own_mirror(const std::string& uri, const std::string& own, const std::vector<Repository>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Repository& other) {
    return other.uri == uri && has_main(other) && parse_name(other.suite).release == own;
  });
}

std::string left_out_note(const Repository& repository, const std::string& suite) {
  return "warning: for suite \"" + suite + "\" the source \"" + fetch::without_credentials(repository.uri) + " " +
         repository.suite + " " + join(repository.components, " ") +
         "\" is left out: only mirrors of the distribution's \"main\" are followed to another release; name it in the "
         "recipe's sources: to have it";
}

std::string renamed(const Name& name, const std::string& suite) {
  if (name.kind == "-security" && contains(kOldNames, suite)) return suite + std::string(kOldSecurity);
  return suite + std::string(name.kind);
}

}  // namespace

Result<std::vector<Repository>> with_suite(std::vector<Repository> repositories, const std::string& suite,
                                           std::vector<std::string>& notes) {
  const std::string own = own_release(repositories);
  if (own.empty()) {
    return fail(ErrorCode::kMissing,
                "no configured source is the distribution's own (with a component \"main\"), so suite \"" + suite +
                    "\" has no mirror",
                "list the mirror in the recipe's sources:");
  }
  if (own == suite) return repositories;
  std::vector<Repository> out;
  for (const auto& repository : repositories) {
    const Name name = parse_name(repository.suite);
    if (name.release != own || !is_own(repository, repositories)) {
      if (!is_own_mirror(repository.uri, own, repositories)) notes.push_back(left_out_note(repository, suite));
      continue;
    }
    if (!name.kind.empty() && contains(kRolling, suite)) continue;
    out.push_back(repository);
    out.back().suite = renamed(name, suite);
  }
  return out;
}

}  // namespace reburst::source
