#pragma once

#include <optional>
#include <string>
#include <vector>

#include "builder/source/archive.hpp"
#include "cache/cache.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "fetch/fetch.hpp"

namespace reburst::source {

// One repository to read: a mirror, a suite of it, some components, and whom to believe.
struct Repository {
  std::string uri;  // without a trailing slash
  std::string suite;
  std::vector<std::string> components;
  std::vector<std::filesystem::path> keyrings =
      {};  // binary or armored; empty: apt's default trusted keyrings (trusted.gpg, trusted.gpg.d)
  bool check_valid_until = true;
  std::vector<std::string> fingerprints =
      {};  // of those keys the ones that count (a "!" behind one excludes its subkeys); empty: all
};

// The machine's own apt configuration: sources.list, sources.list.d (one-line and deb822), Signed-By (paths and
// embedded keys), trusted keyrings, proxy, architecture. `root` is "/" but in tests.
struct HostConfiguration {
  std::vector<Repository> repositories;
  std::string architecture;
  std::string proxy;                           // as fetch::Options takes it
  std::vector<std::string> notes = {};         // what was ignored, for Progress::note
  std::vector<std::string> source_notes = {};  // the same of what its sources and preferences say
};
// `scratch` is a folder where keys embedded in a Signed-By field are written as keyring files; it must outlive the
// repositories. With root "/" apt's own settings are asked for (apt-config dump); for another root only its sources and
// keyrings are read. kEnvironment for a source that apt would not accept either.
[[nodiscard]] Result<HostConfiguration> read_host_configuration(const std::filesystem::path& root,
                                                                const std::filesystem::path& scratch);

// dpkg's name of the architecture that this machine builds for, as read_host_configuration() has it.
[[nodiscard]] Result<std::string> host_architecture(const std::filesystem::path& root);

// The same mirrors and keyrings for another release of the distribution: bookworm, bookworm-updates and
// bookworm-security become trixie, trixie-updates and trixie-security; backports and the repositories of third parties,
// made for the old release, are left out; of what lies on other mirrors than the distribution's `notes` tells. Nothing
// changes when it is that release already. kMissing when nothing of the distribution's is configured.
[[nodiscard]] Result<std::vector<Repository>> with_suite(std::vector<Repository> repositories, const std::string& suite,
                                                         std::vector<std::string>& notes);

struct OpenOptions {
  fetch::Options fetch;
  std::string architecture;
  Epoch now = 0;  // for Valid-Until
  std::size_t jobs = 2;
};

// Fetches each InRelease (or Release with Release.gpg), checks its signature (gpgv), suite and Valid-Until, then brings
// its indexes into the cache by size and SHA-256 (by-hash where offered). Nothing is parsed before it is verified. An
// InRelease older than the one seen last is not taken. With fetch.offline the last verified InRelease of each
// repository is used (but file: mirrors are read).
[[nodiscard]] Result<Archive> open_archive(const std::vector<Repository>& repositories, cache::Cache& cache,
                                           const OpenOptions& options, Progress& progress);

}  // namespace reburst::source
