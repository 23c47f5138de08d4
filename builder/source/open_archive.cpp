#include "builder/source/open_archive.hpp"

#include <algorithm>

#include "builder/source/decompress.hpp"
#include "builder/source/index_list.hpp"
#include "builder/source/signed_release.hpp"
#include "core/parallel.hpp"

namespace reburst::source {

namespace {

constexpr std::uint64_t kMaxUnlisted = 1ULL << 30U;  // an index whose uncompressed size the Release file does not state
constexpr std::uint64_t kMaxPointer = 256;

Result<> check_request(const std::vector<Repository>& repositories) {
  if (repositories.empty()) {
    return fail(ErrorCode::kMissing, "no package source is configured",
                "add Debian's to /etc/apt/sources.list.d, or name mirrors in the recipe's sources:");
  }
  for (const auto& repository : repositories) {
    if (repository.suite.ends_with('/') || repository.suite.empty()) {
      return fail(ErrorCode::kUsage,
                  "cannot use \"" + repository.uri + "\" with suite \"" + repository.suite +
                      "\": flat repositories are not supported",
                  "use a repository with suites and components (dists/SUITE/COMPONENT)");
    }
  }
  return {};
}

// Every Release file, by a thread each: a fetch waits for the network, a check for gpgv.
Result<std::vector<AcceptedRelease>> accept_all(const std::vector<Repository>& repositories, cache::Cache& cache,
                                                const OpenOptions& options, Progress& progress) {
  std::vector<AcceptedRelease> accepted(repositories.size());
  const auto side_by_side = std::max<std::size_t>(1, options.fetch.connections);
  REBURST_TRY(parallel_for(side_by_side, repositories.size(), [&](std::size_t i) -> Result<> {
    accepted[i] = REBURST_TRY(accept_release(repositories[i], cache, options));
    return {};
  }));
  const bool unchecked = std::any_of(repositories.begin(), repositories.end(),
                                     [](const Repository& each) { return !each.check_valid_until; });
  if (unchecked)
    progress.note(
        "warning: Valid-Until is not checked, as apt's configuration says; an old archive would not be noticed");
  for (const auto& each : accepted) {
    for (const auto& note : each.notes) progress.note(note);
  }
  return accepted;
}

// Where an index whose uncompressed digest the Release file does not state is found again: derived "index" by the
// compressed one.
Result<std::optional<Digest>> known_content(const WantedIndex& wanted, const cache::Cache& cache) {
  if (wanted.content) return wanted.content->sha256;
  for (const auto& form : wanted.forms) {
    const auto text = REBURST_TRY(cache.read_derived("index", form.file.sha256, kMaxPointer));
    if (text) return Digest::parse(*text);
  }
  return std::nullopt;
}

Result<std::optional<fs::path>> find_content(const WantedIndex& wanted, const cache::Cache& cache) {
  const auto digest = REBURST_TRY(known_content(wanted, cache));
  return digest ? cache.find_blob(*digest) : std::nullopt;
}

// adopt_blob()'s error names a file that nobody knows.
Error unpacked_otherwise(const IndexForm& form, const Error& error) {
  if (error.code != ErrorCode::kIntegrity) return error;
  return {ErrorCode::kIntegrity,
          "cannot accept \"" + form.name + "\": what it holds has the wrong SHA-256" +
              error.message.substr(error.message.find('\n')),
          "the repository's index is broken: tell whoever runs it, or use another mirror"};
}

Result<fs::path> unpack(const WantedIndex& wanted, const IndexForm& form, const fs::path& fetched,
                        cache::Cache& cache) {
  if (wanted.content && wanted.content->sha256 == form.file.sha256) return fetched;  // not compressed
  const auto scratch = REBURST_TRY(cache.make_temp("index"));
  const fs::path file = scratch.path() / "Packages";
  REBURST_TRY(decompress(fetched, file, wanted.content ? wanted.content->size : kMaxUnlisted, form.name));
  if (wanted.content) {
    auto adopted = cache.adopt_blob(file, wanted.content->sha256);
    if (!adopted) return fail(unpacked_otherwise(form, adopted.error()));
    return adopted;
  }
  const Digest digest = REBURST_TRY(sha256_file(file));
  auto blob = REBURST_TRY(cache.adopt_blob(file, digest));
  REBURST_TRY(cache.write_derived("index", form.file.sha256, digest.hex()));
  return blob;
}

// What was fetched of one index.
struct Fetched {
  const IndexForm* form = nullptr;
  fs::path file;
};

fetch::Item item_of(const IndexForm& form) {
  return {form.name, form.uris, form.file.size, form.file.sha256};
}

// A mirror may lack a form that the Release file lists: then the next one. The error is that of the first.
Result<Fetched> fetch_any_form(const WantedIndex& wanted, cache::Cache& cache, const fetch::Options& options,
                               Progress& progress) {
  std::optional<Error> first;
  for (const auto& form : wanted.forms) {
    auto fetched = fetch::get_all({item_of(form)}, cache, options, progress);
    if (fetched) return Fetched{&form, std::move(fetched->front())};
    if (fetched.error().code != ErrorCode::kMissing) return fail(std::move(fetched).error());
    if (!first) first = std::move(fetched).error();
  }
  return fail(first.value());
}

// The first form of each, side by side; one by one only where one of them is not there.
Result<std::vector<Fetched>> fetch_forms(const std::vector<const WantedIndex*>& wanted, cache::Cache& cache,
                                         const fetch::Options& options, Progress& progress) {
  std::vector<fetch::Item> items;
  for (const auto* each : wanted) items.push_back(item_of(each->forms.front()));
  auto all = fetch::get_all(items, cache, options, progress);
  if (!all && all.error().code != ErrorCode::kMissing) return fail(std::move(all).error());
  std::vector<Fetched> out;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (all) {
      out.push_back({&wanted[i]->forms.front(), std::move((*all)[i])});
      continue;
    }
    auto any = fetch_any_form(*wanted[i], cache, options, progress);
    if (!any) return fail(any.error().code == ErrorCode::kMissing ? std::move(all).error() : std::move(any).error());
    out.push_back(std::move(*any));
  }
  return out;
}

// Brings what the cache lacks; returns the uncompressed files in the order of `wanted`.
Result<std::vector<fs::path>> fetch_indexes(const std::vector<WantedIndex>& wanted, cache::Cache& cache,
                                            const OpenOptions& options, Progress& progress) {
  std::vector<fs::path> files(wanted.size());
  std::vector<const WantedIndex*> lacking;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (auto found = REBURST_TRY(find_content(wanted[i], cache))) {
      files[i] = *std::move(found);
    } else {
      lacking.push_back(&wanted[i]);
    }
  }
  auto fetch_options = options.fetch;
  fetch_options.stage = "indexes";
  const auto fetched = REBURST_TRY(fetch_forms(lacking, cache, fetch_options, progress));
  REBURST_TRY(parallel_for(options.jobs, lacking.size(), [&](std::size_t i) -> Result<> {
    const auto& [form, file] = fetched[i];
    files[static_cast<std::size_t>(lacking[i] - wanted.data())] =
        REBURST_TRY(with_context(unpack(*lacking[i], *form, file, cache), "unpacking \"" + form->name + "\""));
    return {};
  }));
  return files;
}

Result<Index> describe(const WantedIndex& wanted, const fs::path& file, const Repository& repository,
                       const cache::Cache& cache) {
  Index index{.release = wanted.release,
              .component = wanted.component,
              .architecture = wanted.architecture,
              .digest = {},
              .size = 0,
              .file = file,
              .base_uri = repository.uri};
  index.digest = REBURST_TRY(known_content(wanted, cache)).value_or(Digest{});
  std::error_code error;
  index.size = fs::file_size(file, error);
  if (error) return fail(system_error("cannot read \"" + file.string() + "\"", error.value()));
  return index;
}

}  // namespace

Result<Archive> open_archive(const std::vector<Repository>& repositories, cache::Cache& cache,
                             const OpenOptions& options, Progress& progress) {
  REBURST_TRY(check_request(repositories));
  auto accepted = REBURST_TRY(accept_all(repositories, cache, options, progress));
  Archive archive;
  archive.architecture = options.architecture;
  archive.proxy = options.fetch.proxy;
  std::vector<WantedIndex> wanted;
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    std::vector<std::string> notes;
    auto listed = REBURST_TRY(list_indexes(repositories[i], accepted[i].file, i, options.architecture, notes));
    for (const auto& note : notes) progress.note(note);
    wanted.insert(wanted.end(), listed.begin(), listed.end());
    archive.releases.push_back(std::move(accepted[i].file.release));
  }
  const auto files = REBURST_TRY(fetch_indexes(wanted, cache, options, progress));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    archive.indexes.push_back(REBURST_TRY(describe(wanted[i], files[i], repositories[wanted[i].release], cache)));
  }
  return archive;
}

}  // namespace reburst::source
