#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/digest.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/client/release.hpp"
#include "registry/release/release.hpp"
#include "signing/verify/key.hpp"
#include "signing/verify/tuf.hpp"

namespace reburst::client {

using registry::RootHash;

// A release of which every byte was checked. Only verify_release() makes one; what boots or deploys takes nothing else.
class VerifiedRelease {
 public:
  [[nodiscard]] const ChannelRelease& release() const { return release_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  // The folder was moved since.
  void moved_to(std::filesystem::path folder) { folder_ = std::move(folder); }

 private:
  VerifiedRelease(ChannelRelease release, std::filesystem::path folder)
      : release_(std::move(release)), folder_(std::move(folder)) {}
  friend Result<VerifiedRelease> verify_release(const ChannelRelease&, const std::filesystem::path&,
                                                const std::vector<signing::PublicKey>&, const RootHash&, std::size_t,
                                                Progress&);
  ChannelRelease release_;
  std::filesystem::path folder_;
};

// Checks a folder against what verified metadata says of the release, in this order: length and SHA-256 of every file
// (is_description() ones may be absent), the manifest (the same role, version, root hash and artifacts), the provenance
// (signed by one of `statement_keys`, about these very files), the root hash of the disk. kIntegrity and kSignature
// name the file and the rule.
[[nodiscard]] Result<VerifiedRelease> verify_release(const ChannelRelease& release, const std::filesystem::path& folder,
                                                     const std::vector<signing::PublicKey>& statement_keys,
                                                     const RootHash& root_hash, std::size_t jobs, Progress& progress);

// The same where the disk lies elsewhere, and `folder` may be without one: a file, or a block device, which may be
// longer than the disk.
[[nodiscard]] Result<> verify_disk(const ChannelRelease& release, const std::filesystem::path& folder,
                                   const std::filesystem::path& disk,
                                   const std::vector<signing::PublicKey>& statement_keys, const RootHash& root_hash,
                                   std::size_t jobs, Progress& progress);

// That `disk` begins with these bytes and, unless it is a block device, ends with them; kIntegrity says how it differs.
[[nodiscard]] Result<> check_disk(const std::filesystem::path& disk, const ReleaseFile& file, Progress& progress);

// The name of a release's disk among its files.
[[nodiscard]] std::string disk_file(const ChannelRelease& release);

// Who signed statements about a channel's releases: the keys that its metadata lists beside its history. More than
// those that sign it now, as a release keeps what was signed about it when keys change and when it is promoted.
[[nodiscard]] Result<std::vector<signing::PublicKey>> statement_keys(const tuf::Targets& targets,
                                                                     const std::string& role,
                                                                     const std::string& channel);

}  // namespace reburst::client
