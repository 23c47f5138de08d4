#pragma once

#include <string>
#include <string_view>

#include "registry/oci/manifest.hpp"
#include "registry/oci/oci.hpp"

namespace reburst::oci {

[[nodiscard]] Descriptor describe(std::string_view media_type, std::string_view content);
// Of a manifest in an index: with the artifactType and the annotations of the manifest, as the referrers tag schema
// wants them (distribution-spec 1.1, "Referrers Tag Schema").
[[nodiscard]] Descriptor describe_manifest(std::string_view text, const Manifest& manifest);

// The manifest that puts a bundle beside `subject`.
[[nodiscard]] Manifest referrer_manifest(const Referrer& referrer, const Descriptor& subject);

// The tag of the index of everything that refers to `subject`, and that of one referrer: garbage collectors remove what
// has no tag.
[[nodiscard]] std::string fallback_tag(const Digest& subject);
[[nodiscard]] std::string referrer_tag(const Digest& subject, std::string_view name);
// Tags that name no release.
[[nodiscard]] bool is_reserved_tag(std::string_view tag);

// kUsage for a tag or a referrer's name that cannot be one, kIntegrity when the manifest is not what make_manifest()
// would make of these layers.
[[nodiscard]] Result<Manifest> check_release(const Release& release);

}  // namespace reburst::oci
