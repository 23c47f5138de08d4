#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/progress.hpp"
#include "registry/oci/manifest.hpp"
#include "registry/oci/session.hpp"

namespace reburst::oci {

// Brings a blob there unless the registry has it: HEAD, then one POST and one PUT that streams the file
// (distribution-spec 1.1, "Pushing Blobs"). An attempt that fails begins anew. Advances `progress` by its size.
[[nodiscard]] Result<> upload(Session& session, const std::string& what, const Descriptor& blob,
                              const std::filesystem::path& file, Progress& progress);

// PUTs a manifest or index as `reference` (a tag or a digest); kIntegrity when the registry holds another one there
// afterwards. Returns whether it answers as a registry with the referrers API, for a manifest with that `subject`.
[[nodiscard]] Result<bool> put_manifest(Session& session, const std::string& what, const std::string& reference,
                                        std::string_view media_type, const std::string& text,
                                        const std::optional<Descriptor>& subject);

// Adds `referrers` to the fallback index of `subject` (distribution-spec 1.1, "Referrers Tag Schema"); what others put
// there stays.
[[nodiscard]] Result<> put_fallback(Session& session, const Digest& subject, const std::vector<Descriptor>& referrers);

// The index `existing` (empty: none) with `referrers` in it, each once.
[[nodiscard]] Result<std::string> merge_fallback(std::string_view existing, const std::vector<Descriptor>& referrers,
                                                 std::string_view name);

}  // namespace reburst::oci
