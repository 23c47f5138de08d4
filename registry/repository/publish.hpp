#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/metadata.hpp"

// What changes a registry. Each function prepares; commit() makes it visible, or a proposal carries it to others first.
// A reader sees the registry before or after, and a process that is killed leaves what the next one clears up.
namespace reburst::registry {

struct PublishOptions {
  std::string channel = "dev";
  std::string reason = "published";
  std::string builder_id = "urn:reburst:builder:local";
  std::optional<std::uint64_t> security_epoch;  // not below the highest of the role so far, which is the default
  RootHash root_hash;                           // asked of the disk
  std::size_t jobs = 1;
};

struct Published {
  Release release;
  std::string channel;
  bool unchanged = false;         // the channel pointed to exactly this already
  std::uint64_t new_bytes = 0;    // written to the chunk store
  std::uint64_t delta_bytes = 0;  // of the delta from what the channel pointed to before
  std::uint64_t total_bytes = 0;  // of the release's chunks
  std::size_t new_chunks = 0;
};

// Opens the registry for change as Metadata::open(), and completes what a command that was killed has left: the other
// doors follow the metadata first, so that whoever repeats the command finds all of it done. Where they cannot, a note
// says so, and the commit that needs them tells why.
[[nodiscard]] Result<Metadata> open_to_change(const std::filesystem::path& registry, Publisher publisher, bool create,
                                              Progress& progress);

// Publishes a folder that `reburst build` made. kIntegrity when it is not what its SHA256SUMS and its manifest say,
// down to the disk's root hash; kUsage when the role has another release of that version, as a published release never
// changes, and when any channel of the role says that it was yanked. Nothing is written then.
[[nodiscard]] Result<Published> publish(Metadata& metadata, const std::filesystem::path& folder,
                                        const PublishOptions& options, Progress& progress);

// The versions that any channel of the role has, sorted, so by time.
[[nodiscard]] Result<std::vector<std::string>> versions_of(const Metadata& metadata, const std::string& role);

struct Promotion {
  std::string role, version, channel, reason;
  std::size_t jobs = 1;
};

// Lets `channel` name a release that another channel of the role has, and point to it. The version before, and a
// channel that does not exist yet, are fine; a yanked version, and one below the highest security epoch of the
// channel's releases, which nobody could pull there, are refused (kUsage). False, and nothing to commit, when it points
// to that version already.
[[nodiscard]] Result<bool> promote(Metadata& metadata, const Promotion& promotion, Progress& progress);

struct Yanked {
  std::vector<std::string> channels;  // that lost it
  std::vector<std::string> left;      // that have it still: none of their keys is here
};

// Takes a release out of every channel of its role that has it and that can be signed for here, for good: no channel of
// the role gets it again, and who asks for it by version is refused. A channel that pointed to it goes back to what it
// pointed to before and still has, or to nothing. kSignature when none can be signed for.
[[nodiscard]] Result<Yanked> yank(Metadata& metadata, const std::string& role, const std::string& version,
                                  const std::string& reason);

// Makes what was prepared visible, and lets the other doors follow: they are made and signed before, so that nothing is
// changed when that fails.
[[nodiscard]] Result<> commit(Metadata& metadata, Progress& progress);

}  // namespace reburst::registry
