#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

// What a registry has to know of a release; the rest of its manifest is for others (docs/formats/manifest.md).
namespace reburst::registry {

struct ReleaseFile {
  std::string name;  // plain: no slash, not hidden
  std::string kind;  // of an artifact: disk, uki, kernel, initrd, …; empty for the other files
  std::uint64_t size = 0;
  Digest sha256;
};

struct Release {
  std::string role, version, architecture;
  Digest root_hash;
  Digest lock;
  std::vector<ReleaseFile> files;  // sorted by name
};

// The verity root hash of a disk image, computed from its data (builder/image knows how).
using RootHash = std::function<Result<Digest>(const std::filesystem::path& disk)>;

inline constexpr std::string_view kManifestName = "manifest.json";
inline constexpr std::string_view kSumsName = "SHA256SUMS";

// The facts of manifest.json, its artifacts as `files`. kIntegrity for another format or an unsafe name.
[[nodiscard]] Result<Release> parse_manifest(std::string_view text, std::string_view name);

// A folder that `reburst build` made: every file that SHA256SUMS lists, hashed now, and SHA256SUMS itself. kIntegrity
// when a file differs from SHA256SUMS or from the manifest, when the disk's root hash is not the manifest's, and when
// the disk has none; kMissing when a file is not there.
[[nodiscard]] Result<Release> read_release(const std::filesystem::path& folder, const RootHash& root_hash,
                                           std::size_t jobs);

// The one artifact of a kind; nullptr when there is none.
[[nodiscard]] const ReleaseFile* find_kind(const Release& release, std::string_view kind);

// Letters, digits, ".", "_", "-", "+" and "~", neither dot nor dash first, at most 200 bytes: good as a file's name, in
// a URL and in SHA256SUMS alike.
[[nodiscard]] bool is_plain_name(std::string_view name);
// "20261121T161027Z"
[[nodiscard]] bool is_version(std::string_view text);
// A channel's or role's name: [a-z][a-z0-9-]*, at most 64.
[[nodiscard]] bool is_label(std::string_view text);

// An in-toto statement, version 1, canonical JSON: `predicate` is said of `subjects`.
[[nodiscard]] std::string make_statement(const std::vector<ReleaseFile>& subjects, std::string_view predicate_type,
                                         const Json& predicate);

}  // namespace reburst::registry
