#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/release/release.hpp"
#include "signing/sign/signer.hpp"
#include "signing/verify/tuf.hpp"

namespace reburst::registry {

// A release with all that publishing adds to it, and where each file lies now.
struct Parcel {
  Release release;
  std::vector<std::filesystem::path> paths;  // of release.files, in their order
  Digest chunk_index, oci_manifest;
  std::map<std::string, std::uint64_t> inside;  // files whose bytes the disk holds too, and where
  chunks::Stored stored;
};

struct ParcelOptions {
  std::string builder_id;
  std::filesystem::path staging;  // a folder for what is added
  std::filesystem::path store;    // of chunks
  std::filesystem::path layout;   // OCI; gets the release's blobs, and no tag yet
  std::size_t jobs = 1;
};

// Makes what is added: chunk index, OCI manifest, attestations. `folder` is what `reburst build` made and `release`
// what read_release() says of it.
[[nodiscard]] Result<Parcel> make_parcel(Release release, const std::filesystem::path& folder,
                                         const signing::Signer& signer, const ParcelOptions& options,
                                         Progress& progress);

// What a target of this release says beside its length and digest (docs/formats/registry.md).
[[nodiscard]] Json custom_of(const Parcel& parcel, std::uint64_t security_epoch);

}  // namespace reburst::registry
