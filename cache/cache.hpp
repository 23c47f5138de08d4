#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/result.hpp"

namespace reburst::cache {

// A content-addressed folder, shared safely by several processes: entries appear by rename and never change.
//   blobs/<2 hex>/<64 hex>   immutable content by SHA-256
//   derived/<kind>/<64 hex>  what was computed from a key (a .solv file, a build record); same key, same bytes
//   partial/                 downloads under way, resumable, one file per digest, locked while written
//   tmp/                     work in progress; entries whose owner is gone are swept by open()
class Cache {
 public:
  // Creates what is missing and sweeps tmp/ entries of dead owners.
  [[nodiscard]] static Result<Cache> open(const std::filesystem::path& root);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  // The blob's path when it is there. Does not re-hash (see verify_blob).
  [[nodiscard]] std::optional<std::filesystem::path> find_blob(const Digest& digest) const;
  // Re-hashes; a blob that does not match is removed and reported as absent.
  [[nodiscard]] Result<std::optional<std::filesystem::path>> verify_blob(const Digest& digest) const;
  // Moves a file of the same file system in as a blob after checking that it hashes to `digest` (kIntegrity).
  [[nodiscard]] Result<std::filesystem::path> adopt_blob(const std::filesystem::path& file, const Digest& digest);
  [[nodiscard]] Result<std::filesystem::path> put_blob(std::string_view content);

  [[nodiscard]] std::filesystem::path derived_path(std::string_view kind, const Digest& key) const;
  [[nodiscard]] Result<std::optional<std::string>> read_derived(std::string_view kind, const Digest& key,
                                                                std::uint64_t max_bytes) const;
  [[nodiscard]] Result<> write_derived(std::string_view kind, const Digest& key, std::string_view content);
  // Where a derived file that is made by a library is written before adopt_derived() renames it into place.
  [[nodiscard]] Result<> adopt_derived(std::string_view kind, const Digest& key, const std::filesystem::path& file);

  [[nodiscard]] Result<TempDirectory> make_temp(std::string_view prefix) const;
  [[nodiscard]] std::filesystem::path partial_path(const Digest& digest) const;

 private:
  explicit Cache(std::filesystem::path root) : root_(std::move(root)) {}
  std::filesystem::path root_;
};

}  // namespace reburst::cache
