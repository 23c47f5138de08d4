#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"

// A release as OCI artifacts (image-spec 1.1, distribution-spec 1.1), the same bytes as by every other door
// (docs/formats/oci.md).
namespace reburst::oci {

// A file of the release that becomes a layer.
struct Layer {
  std::filesystem::path file;
  std::string name;        // org.opencontainers.image.title
  std::string media_type;  // application/vnd.reburst.disk.raw …
  std::uint64_t size = 0;
  Digest sha256;
};

// What refers to the release: a sigstore bundle (a signature, provenance or SBOM), by the predicate it carries.
struct Referrer {
  std::string name;            // signature, provenance, spdx, cyclonedx: part of its tag
  std::string predicate_type;  // https://slsa.dev/provenance/v1
  std::string bundle;          // the bundle's bytes
};

struct Blob {
  std::string text;
  Digest sha256;
};

// A layer's media type by the name of the release's file (docs/formats/oci.md).
[[nodiscard]] std::string media_type_of(std::string_view file);

// The image manifest of a release: artifactType application/vnd.reburst.release.v1, the empty config, one layer per
// file. `annotations`: org.opencontainers.image.version and such. Same input, same bytes.
[[nodiscard]] Blob make_manifest(const std::vector<Layer>& layers,
                                 const std::map<std::string, std::string>& annotations);

// application/vnd.dev.sigstore.bundle.v0.3+json around a DSSE envelope (its text), with the public key's hint
// base64(SHA-256(SubjectPublicKeyInfo DER)). Of several signatures the bundle holds the one by that key; kSignature
// when there is none.
[[nodiscard]] Result<std::string> make_bundle(std::string_view envelope, std::string_view public_key_der);

struct Release {
  Blob manifest;
  std::vector<Layer> layers;
  std::vector<Referrer> referrers;
  std::vector<std::string> tags;  // "20261121T161027Z", "stable": is_tag(), and not beginning with "sha256-"
};

// Adds the release to the OCI image layout at `layout` (made when it is not there): blobs by hard link where the file
// system allows it, else by copy; index.json by rename, last. Tags that name another manifest move. Every referrer is
// tagged too, and stands in the fallback index of the referrers tag schema ("sha256-<hex>").
[[nodiscard]] Result<> add_to_layout(const std::filesystem::path& layout, const Release& release);
// Lets index.json name a release again whose manifest is there still; `layers` in any order. kMissing when the manifest
// is not there, kIntegrity when it is another release's.
[[nodiscard]] Result<> restore_in_layout(const std::filesystem::path& layout, const Digest& manifest,
                                         std::vector<Layer> layers, const std::vector<Referrer>& referrers);
// Moves or removes a tag; a manifest without tags stays. Removes manifests (with their referrers) by digest, and blobs
// that no manifest names any more: their paths below `layout`, sorted; `dry_run` only tells.
[[nodiscard]] Result<> set_tag(const std::filesystem::path& layout, const std::string& tag,
                               const std::optional<Digest>& manifest);
[[nodiscard]] Result<std::vector<std::string>> remove_from_layout(const std::filesystem::path& layout,
                                                                  const std::vector<Digest>& manifests,
                                                                  bool dry_run = false);

// The manifests that tags name, by tag, and every release's manifest, tagged or not; nothing is hashed. Empty when
// there is no layout.
[[nodiscard]] Result<std::map<std::string, Digest>> read_tags(const std::filesystem::path& layout);
[[nodiscard]] Result<std::vector<Digest>> list_releases(const std::filesystem::path& layout);
// The org.opencontainers.image.version of a manifest that index.json lists; empty when it has none.
[[nodiscard]] Result<std::string> version_of(const std::filesystem::path& layout, const Digest& manifest);

// What the layout holds: manifest digest by tag (referrers' "sha256-…" tags too); every blob checked against its digest
// and its descriptors (kIntegrity names the first that is wrong).
[[nodiscard]] Result<std::map<std::string, Digest>> check_layout(const std::filesystem::path& layout, std::size_t jobs);

// What the release with that manifest shows otherwise than it should, in words ("has no layer \"…\""): its layers must
// be exactly `layers` by name, size and digest, its referrers exactly `referrers`, byte for byte. Content is not
// hashed: check_layout() does that.
[[nodiscard]] Result<std::vector<std::string>> compare_release(const std::filesystem::path& layout,
                                                               const Digest& manifest, const std::vector<Layer>& layers,
                                                               const std::vector<Referrer>& referrers);

struct PushOptions {
  std::string user, password;          // for Basic and for token (Bearer) authentication; empty: none
  std::string proxy;                   // rules, see fetch/proxy.hpp; never used for this machine
  std::vector<std::string> tags = {};  // that the registry gets, in this order; empty: the layout's tag
  bool plain_http = false;             // for a registry on this machine (localhost, 127.0.0.0/8, [::1]) and no other
  std::filesystem::path authorities = {};  // PEM file of whom to trust for TLS; empty: the machine's own
  unsigned stall_seconds = 30;             // without data; an answer may take four times that
  unsigned retries = 4;                    // of a network error or a registry's 5xx or 429, with exponential backoff
  unsigned backoff_ms = 250;               // before the first retry
};

// Pushes from the layout to "HOST[:PORT]/REPOSITORY": blobs that the registry lacks (HEAD first), manifests, the
// referrers with their tags, the fallback index where the registry has no referrers API (no OCI-Subject header in its
// answer), and last the tags. Returns the digest that the registry answers with, which must be the manifest's own.
[[nodiscard]] Result<Digest> push(const std::filesystem::path& layout, const std::string& tag,
                                  const std::string& destination, const PushOptions& options, Progress& progress);

}  // namespace reburst::oci
