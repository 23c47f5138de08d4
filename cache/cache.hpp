#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/result.hpp"

namespace reburst::cache {

// A content-addressed folder, shared safely by several processes: entries appear by rename and never change.
//   blobs/<2 hex>/<64 hex>   immutable content by SHA-256
//   derived/<kind>/<64 hex>  what was computed from a key (a .solv file, a build record); same key, same bytes. One
//   kind
//                            is a pointer that moves: "release", the last verified InRelease of a repository
//   partial/                 downloads under way, resumable, one file per digest, locked (flock) while written
//   tmp/                     work in progress; entries whose owner is gone are swept by open()
//
// Durability: a file's data is flushed before the rename that makes it an entry, so an entry is never torn, not even by
// a power cut. The folder is not flushed: the worst that a power cut does is to lose the newest entries, which are made
// again.
//
// Ownership of tmp/: each open() holds a lock file "owner-XXXXXX"; its entries carry that name. The lock is given up
// when the last copy of the Cache goes, so a Cache outlives the temporary folders that it made.
class Cache {
 public:
  // Creates what is missing and sweeps tmp/ entries of dead owners (what cannot be removed is left for a later run).
  [[nodiscard]] static Result<Cache> open(const std::filesystem::path& root);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  // The blob's path when it is there. Does not re-hash (see verify_blob).
  [[nodiscard]] std::optional<std::filesystem::path> find_blob(const Digest& digest) const;
  // Re-hashes; a blob that does not match is removed and reported as absent.
  [[nodiscard]] Result<std::optional<std::filesystem::path>> verify_blob(const Digest& digest) const;
  // Moves a file of the same file system in as a blob after checking that it hashes to `digest` (kIntegrity; the file
  // stays).
  [[nodiscard]] Result<std::filesystem::path> adopt_blob(const std::filesystem::path& file, const Digest& digest);
  [[nodiscard]] Result<std::filesystem::path> put_blob(std::string_view content);

  [[nodiscard]] std::filesystem::path derived_path(std::string_view kind, const Digest& key) const;
  [[nodiscard]] Result<std::optional<std::string>> read_derived(std::string_view kind, const Digest& key,
                                                                std::uint64_t max_bytes) const;
  [[nodiscard]] Result<> write_derived(std::string_view kind, const Digest& key, std::string_view content);
  // Where a derived file that is made by a library is written before adopt_derived() renames it into place.
  [[nodiscard]] Result<> adopt_derived(std::string_view kind, const Digest& key, const std::filesystem::path& file);

  // A folder in tmp/ that is swept by a later open() should this process die.
  [[nodiscard]] Result<TempDirectory> make_temp(std::string_view prefix) const;
  // Where a download of `digest` grows. Its writer holds flock(LOCK_EX) on it.
  [[nodiscard]] std::filesystem::path partial_path(const Digest& digest) const;

 private:
  Cache(std::filesystem::path root, std::string owner, std::shared_ptr<const Fd> lock)
      : root_(std::move(root)), owner_(std::move(owner)), lock_(std::move(lock)) {}

  [[nodiscard]] std::filesystem::path blob_path(const Digest& digest) const;

  std::filesystem::path root_;
  std::string owner_;               // "XXXXXX" of tmp/owner-XXXXXX
  std::shared_ptr<const Fd> lock_;  // holds flock on it
};

}  // namespace reburst::cache
