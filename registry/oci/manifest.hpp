#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

namespace reburst::oci {

inline constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kEmptyType = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kEmptyConfig = "{}";
inline constexpr std::string_view kReleaseType = "application/vnd.reburst.release.v1";
inline constexpr std::string_view kBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::string_view kTagAnnotation = "org.opencontainers.image.ref.name";
inline constexpr std::string_view kVersionAnnotation = "org.opencontainers.image.version";
inline constexpr std::string_view kTitleAnnotation = "org.opencontainers.image.title";

// What a registry takes at least (distribution-spec 1.1, "Pushing Manifests").
inline constexpr std::uint64_t kMaxManifest = 4U << 20U;

// image-spec 1.1, descriptor.md.
struct Descriptor {
  std::string media_type;
  Digest sha256;
  std::uint64_t size = 0;
  std::string artifact_type = {};  // empty: none
  std::map<std::string, std::string> annotations = {};
  Json others = Json::object();  // members that are not ours, kept as they came
};

// image-spec 1.1, manifest.md.
struct Manifest {
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  std::map<std::string, std::string> annotations;
};

// image-spec 1.1, image-index.md; also a layout's index.json and the fallback index of the referrers.
struct Index {
  std::vector<Descriptor> manifests;
  Json others = Json::object();
};

// kIntegrity for what the image-spec does not allow, another digest than SHA-256, a document that is manifest and index
// at once, and more than a thousand layers. `name` is quoted in the error.
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text, std::string_view name);
[[nodiscard]] Result<Index> parse_index(std::string_view text, std::string_view name);

[[nodiscard]] Json to_json(const Descriptor& descriptor);
[[nodiscard]] std::string to_text(const Manifest& manifest);
[[nodiscard]] std::string to_text(const Index& index);

[[nodiscard]] std::string digest_text(const Digest& digest);  // "sha256:<hex>"
[[nodiscard]] std::optional<Digest> parse_digest(std::string_view text);

// The grammar of a tag: letters, digits, "_", ".", "-", at most 128, the first none of the last two.
[[nodiscard]] bool is_tag(std::string_view text);

}  // namespace reburst::oci
