#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "registry/oci/manifest.hpp"

// An OCI image layout on disk (image-spec 1.1, image-layout.md): oci-layout, index.json, blobs/sha256/<hex>.
namespace reburst::oci {

[[nodiscard]] std::filesystem::path blobs_folder(const std::filesystem::path& layout);
[[nodiscard]] std::filesystem::path blob_path(const std::filesystem::path& layout, const Digest& digest);

// kMissing when there is no layout, kIntegrity when it is none, of another version, or has a tag twice.
[[nodiscard]] Result<Index> read_layout(const std::filesystem::path& layout);
// index.json by rename, its entries in the order of tag and digest; each manifest that has a tag stands there with it
// only.
[[nodiscard]] Result<> write_layout(const std::filesystem::path& layout, Index index);

// A manifest or index, its size and digest checked before it is returned.
[[nodiscard]] Result<std::string> read_blob(const std::filesystem::path& layout, const Descriptor& descriptor);
// kIntegrity unless the blob is a regular file of the right size; its content is not read.
[[nodiscard]] Result<> check_blob_size(const std::filesystem::path& layout, const Descriptor& descriptor);

[[nodiscard]] std::string tag_of(const Descriptor& entry);  // empty: none
[[nodiscard]] const Descriptor* find_tag(const Index& index, std::string_view tag);
[[nodiscard]] const Descriptor* find_manifest(const Index& index, const Digest& digest);

// What is reached from the index: every blob by digest (with itself), and the manifests among them.
struct Reachable {
  std::map<Digest, Descriptor> blobs;
  std::map<Digest, Manifest> manifests;
  std::map<Digest, Index> indexes;
};
// kIntegrity when a manifest is wrong, or two descriptors give one blob two sizes. `unopened` are not looked into.
[[nodiscard]] Result<Reachable> reach(const std::filesystem::path& layout, const Index& index,
                                      const std::set<Digest>& unopened = {});

}  // namespace reburst::oci
