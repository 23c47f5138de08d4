#include "builder/source/signed_release.hpp"

#include <algorithm>

#include "builder/source/keyrings.hpp"
#include "core/text.hpp"
#include "fetch/uri.hpp"

namespace reburst::source {

namespace {

constexpr std::uint64_t kMaxRelease = 32U << 20U;
constexpr std::uint64_t kMaxSignature = 1U << 20U;
constexpr std::uint64_t kMaxPointer = 1024;
constexpr Epoch kDay = 86400;

// A Release file that was verified against the repository's keys.
struct Verified {
  SignedFile bytes;
  ReleaseFile file;
};

std::string inrelease_name(const Repository& repository) {
  return fetch::without_credentials(suite_uri(repository)) + "/InRelease";
}

Result<SignedFile> download(const Repository& repository, const fetch::Options& options) {
  const std::string folder = suite_uri(repository);
  auto inrelease = fetch::get(folder + "/InRelease", kMaxRelease, options);
  if (inrelease) return SignedFile{*std::move(inrelease), std::nullopt};
  if (inrelease.error().code != ErrorCode::kMissing) return fail(std::move(inrelease).error());
  auto release = fetch::get(folder + "/Release", kMaxRelease, options);
  if (!release && release.error().code == ErrorCode::kMissing) return fail(std::move(inrelease).error());
  SignedFile file{REBURST_TRY(std::move(release)), std::nullopt};
  auto signature = fetch::get(folder + "/Release.gpg", kMaxSignature, options);
  if (!signature && signature.error().code == ErrorCode::kMissing) {
    return fail(ErrorCode::kSignature,
                "cannot verify \"" + fetch::without_credentials(folder) + "/Release\": the repository is not signed",
                "only signed repositories are used: sign it (InRelease), or take another mirror");
  }
  file.signature = REBURST_TRY(std::move(signature));
  return file;
}

Result<Verified> check(SignedFile bytes, const Repository& repository, const cache::Cache& cache) {
  const auto scratch = REBURST_TRY(cache.make_temp("verify"));
  const auto keyrings = repository.keyrings.empty() ? default_keyrings("/etc/apt") : repository.keyrings;
  const std::string name = inrelease_name(repository);
  const std::string text = REBURST_TRY(verify(bytes, {keyrings, repository.fingerprints}, scratch.path(), name));
  auto file = REBURST_TRY(parse_release(text, name));
  file.release.digest = sha256(bytes.content);
  return Verified{std::move(bytes), std::move(file)};
}

Digest pointer_key(const Repository& repository) {
  return sha256(repository.uri + "\n" + repository.suite);
}

// Digests of the remembered blobs: the signed file and, where it is apart, its signature.
Result<std::vector<Digest>> read_pointer(const Repository& repository, const cache::Cache& cache) {
  std::vector<Digest> digests;
  const auto found = REBURST_TRY(cache.read_derived("release", pointer_key(repository), kMaxPointer));
  const std::string text = found.value_or("");
  for (const auto word : split_words(text)) {
    if (const auto digest = Digest::parse(word)) digests.push_back(*digest);
  }
  return digests;
}

Result<> remember(const SignedFile& bytes, const Repository& repository, cache::Cache& cache) {
  REBURST_TRY(cache.put_blob(bytes.content));
  std::string pointer = sha256(bytes.content).hex();
  if (bytes.signature) {
    REBURST_TRY(cache.put_blob(*bytes.signature));
    pointer += " " + sha256(*bytes.signature).hex();
  }
  return cache.write_derived("release", pointer_key(repository), pointer + "\n");
}

// The remembered Release file, verified again; nothing when there is none.
Result<std::optional<Verified>> recall(const std::vector<Digest>& pointer, const Repository& repository,
                                       const cache::Cache& cache) {
  std::vector<std::string> contents;
  for (const auto& digest : pointer) {
    const auto blob = cache.find_blob(digest);
    if (!blob) return std::nullopt;
    contents.push_back(REBURST_TRY(read_file(*blob, kMaxRelease)));
  }
  if (contents.empty()) return std::nullopt;
  SignedFile bytes{std::move(contents[0]), std::nullopt};
  if (contents.size() > 1) bytes.signature = std::move(contents[1]);
  return REBURST_TRY(check(std::move(bytes), repository, cache));
}

// A suite may be asked for by its codename or its name; before bullseye the security suite is "buster/updates" and
// calls itself "buster".
bool is_suite(const Release& release, std::string_view suite) {
  if (suite == release.suite || suite == release.codename) return true;
  constexpr std::string_view kOldSecurity = "/updates";
  if (suite.ends_with(kOldSecurity)) return is_suite(release, suite.substr(0, suite.size() - kOldSecurity.size()));
  return false;
}

Result<> check_suite(const Release& release, const Repository& repository, std::vector<std::string>& notes) {
  if (release.suite.empty() && release.codename.empty()) {
    notes.push_back("warning: \"" + inrelease_name(repository) + "\" does not say which suite it is");
    return {};
  }
  if (is_suite(release, repository.suite)) return {};
  return fail(
      ErrorCode::kSignature,
      "cannot accept \"" + inrelease_name(repository) + "\": it is signed, but for another suite\n  expected " +
          repository.suite + "\n  actual   " + release.suite + " (" + release.codename + ")",
      "check the suite's name; if it is right, the mirror serves one suite under another's name: use another mirror");
}

Result<> check_dates(const Release& release, const Repository& repository, Epoch now) {
  if (!repository.check_valid_until) return {};
  const std::string name = inrelease_name(repository);
  if (release.date > now + kDay) {
    return fail(ErrorCode::kExpired,
                "cannot accept \"" + name + "\": it comes from the future\n  its Date  " + iso_time(release.date) +
                    "\n  the clock " + iso_time(now),
                "set the machine's clock");
  }
  if (!release.valid_until || *release.valid_until >= now) return {};
  return fail(ErrorCode::kExpired,
              "cannot accept \"" + name + "\": it has expired\n  Valid-Until " + iso_time(*release.valid_until) +
                  "\n  the clock   " + iso_time(now),
              "the mirror is no longer updated: use another mirror, or set the machine's clock");
}

// What was valid when it was fetched stays usable offline, as apt's lists do; but the person is told.
Result<> check_dates_of_cached(const Release& release, const Repository& repository, Epoch now,
                               std::vector<std::string>& notes) {
  const bool expired = repository.check_valid_until && release.valid_until && *release.valid_until < now;
  if (!expired) return check_dates(release, repository, now);
  notes.push_back("warning: \"" + inrelease_name(repository) + "\" in the cache expired on " +
                  iso_time(*release.valid_until));
  return {};
}

// Offline a file: mirror may still be read; where it is gone, as for all others, the cache has the last word.
Result<std::optional<Verified>> from_mirror(const Repository& repository, const cache::Cache& cache,
                                            const OpenOptions& options) {
  const bool local = repository.uri.starts_with("file:");
  if (options.fetch.offline && !local) return std::nullopt;
  auto bytes = download(repository, options.fetch);
  if (!bytes && options.fetch.offline && bytes.error().code == ErrorCode::kMissing) return std::nullopt;
  return REBURST_TRY(check(REBURST_TRY(std::move(bytes)), repository, cache));
}

// As apt: a mirror that lags, or is made to lag, does not take anything back.
std::string older_note(const Repository& repository, Epoch fresh, Epoch last) {
  return "warning: \"" + inrelease_name(repository) + "\" is older than the one seen last, which is used instead (" +
         iso_time(fresh) + " < " + iso_time(last) + ")";
}

Error missing_offline(const Repository& repository) {
  return {ErrorCode::kMissing,
          "\"" + inrelease_name(repository) + "\" is not in the cache, and --offline forbids fetching it",
          "run the same command once without --offline",
          {}};
}

}  // namespace

std::string suite_uri(const Repository& repository) {
  return repository.uri + "/dists/" + repository.suite;
}

Result<AcceptedRelease> accept_release(const Repository& repository, cache::Cache& cache, const OpenOptions& options) {
  AcceptedRelease out;
  auto fresh = REBURST_TRY(from_mirror(repository, cache, options));
  const auto pointer = REBURST_TRY(read_pointer(repository, cache));
  const bool known = fresh && !pointer.empty() && pointer[0] == fresh->file.release.digest;
  std::optional<Verified> last;
  if (!known) {
    auto recalled = recall(pointer, repository, cache);
    // One that no longer verifies (its key has gone from the keyring) is no reason to refuse a new one that does.
    if (!recalled && !fresh) return fail(std::move(recalled).error());
    if (recalled) last = *std::move(recalled);
  }
  const bool older = fresh && last && fresh->file.release.date < last->file.release.date;
  if (older) out.notes.push_back(older_note(repository, fresh->file.release.date, last->file.release.date));
  auto& chosen = fresh && !older ? fresh : last;
  if (!chosen) return fail(missing_offline(repository));
  REBURST_TRY(check_suite(chosen->file.release, repository, out.notes));
  REBURST_TRY(options.fetch.offline && &chosen == &last
                  ? check_dates_of_cached(chosen->file.release, repository, options.now, out.notes)
                  : check_dates(chosen->file.release, repository, options.now));
  if (&chosen == &fresh && !known) REBURST_TRY(remember(chosen->bytes, repository, cache));
  out.file = std::move(chosen->file);
  return out;
}

}  // namespace reburst::source
