#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/metadata.hpp"

// What a registry needs from time to time.
namespace reburst::registry {

// When metadata expires, by role, soonest first.
struct Expiry {
  std::string role;
  Epoch expires = 0;
};
[[nodiscard]] std::vector<Expiry> expiries(const Metadata& metadata);
// kExpired when one of the top roles has expired, so that no client accepts the registry, or else a channel.
[[nodiscard]] Result<> require_fresh(const std::vector<Expiry>& expiries, Epoch now, const std::string& hint);

struct Refreshed {
  std::vector<std::string> renewed;  // roles
  std::vector<std::string> skipped;  // those that would be due, but whose keys are not here
};
// Signs snapshot and timestamp again, and every other role that has less than a third of its life left (with `all`:
// every role) and whose keys are here. Lets the other doors follow.
[[nodiscard]] Result<Refreshed> refresh(Metadata& metadata, bool all, Progress& progress);
// The next commit, or a proposal, signs those roles again, wherever their keys are; which.
[[nodiscard]] std::vector<std::string> renew_due(Metadata& metadata, bool all);

// A door that shows something else than the metadata names.
struct Fault {
  std::string file;  // relative to the registry
  std::string what;
};
// Reads every byte of the registry: targets, OCI layouts, images/ and chunks must all be those that the metadata names,
// and every disk must have the root hash of its release; without `root_hash` the caller has seen to that.
[[nodiscard]] Result<std::vector<Fault>> check(const Metadata& metadata, const RootHash& root_hash, std::size_t jobs,
                                               Progress& progress);

// A release that stays though no rule names it. When it is yanked, its channels lose it, and its files, its chunks and
// its OCI manifest with all that refers to it stay.
struct Hold {
  std::string role, version, reason;
};
[[nodiscard]] Result<std::vector<Hold>> read_holds(const std::filesystem::path& registry);
[[nodiscard]] Result<> write_holds(const std::filesystem::path& registry, const std::vector<Hold>& holds);

struct Collected {
  std::vector<std::string> releases;  // "web@dev 20261121T161027Z", taken out of their channels
  std::vector<std::string> files;     // removed, relative to the registry
  std::uint64_t bytes = 0;            // that this freed; what hard links keep is not counted
  std::vector<Fault> unjudged;        // damaged chunk indexes and OCI manifests
};
// Removes the releases that no channel points to, that are not among the newest `keep` of their channel and that nobody
// holds, and then every file that neither the metadata names nor a hold. A channel whose keys are not here stays as it
// is. What a damaged file may name stays too: every chunk for an index, the role's OCI layout for a manifest. With
// `dry_run` nothing is changed.
[[nodiscard]] Result<Collected> collect_garbage(Metadata& metadata, std::size_t keep, bool dry_run, Progress& progress);

}  // namespace reburst::registry
