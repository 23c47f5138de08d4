#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/client/release.hpp"
#include "registry/oci/oci.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/upkeep.hpp"

// The parts of check(): each compares one door with the metadata, and adds what it finds.
namespace reburst::registry {

struct CheckRun {
  const Metadata& metadata;
  const RootHash& root_hash;
  std::size_t jobs = 1;
  Progress& progress;
  std::vector<Fault>& faults;
  std::set<std::string> chunks_seen = {};  // their ids

  [[nodiscard]] const std::filesystem::path& registry() const { return metadata.registry(); }
  void add(const std::filesystem::path& file, const std::string& what);
  [[nodiscard]] bool is_faulty(const std::filesystem::path& file) const;
};

// A release of one channel, and the files that the registry keeps for it.
struct CheckedRelease {
  client::ChannelRelease release;
  std::vector<signing::PublicKey> statement_keys;

  [[nodiscard]] const client::ReleaseFile* find(const std::string& name) const;  // nullptr: none
  [[nodiscard]] std::string name(std::string_view suffix) const;                 // "web_20261121T161027Z" + suffix
  [[nodiscard]] std::filesystem::path path(const std::filesystem::path& registry,
                                           const client::ReleaseFile& file) const;
};

// The TUF door: every target is there and has its length and digest.
[[nodiscard]] Result<> check_targets(CheckRun& run);
// manifest.json, SHA256SUMS, the chunk index and the statements of a release name what its targets name, and its disk
// has the root hash that they name. Returns the bundles that the OCI door has to show for the statements. Files that
// check_targets() complains of are left out.
[[nodiscard]] std::vector<oci::Referrer> check_release(CheckRun& run, const CheckedRelease& release);
// The OCI door: the layout is whole, the tags are the metadata's and no more, layers and referrers are the release's.
void check_oci(CheckRun& run, const std::string& role, const std::vector<CheckedRelease>& releases,
               const std::map<std::string, std::vector<oci::Referrer>>& referrers);
// The door of systemd-pull: SHA256SUMS, its signature and the folder are what the channel's releases make.
void check_images(CheckRun& run, const std::string& role, const std::string& channel);
// The chunk door: the index describes the disk, and every chunk is there and what its name says.
void check_chunks(CheckRun& run, const CheckedRelease& release);
// The OCI door of releases that are held and that no channel has any more.
void check_held(CheckRun& run);
// Roles and channels that the metadata does not know have no place in oci/ and images/.
void check_strangers(CheckRun& run);

}  // namespace reburst::registry
