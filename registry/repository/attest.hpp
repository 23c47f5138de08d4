#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/digest.hpp"
#include "core/result.hpp"
#include "registry/release/release.hpp"
#include "signing/sign/signer.hpp"

namespace reburst::registry {

// What somebody signed about a release: an in-toto statement in a DSSE envelope.
struct Attestation {
  std::string name;            // provenance, spdx, cyclonedx, signature
  std::string predicate_type;  // https://slsa.dev/provenance/v1 …
  std::string envelope;
};

// Provenance and SBOMs that the build wrote, with the publisher's `builder_id` in the provenance, about every file of
// the release; and the signature of the OCI manifest, which is about that manifest alone.
[[nodiscard]] Result<std::vector<Attestation>> attest(const std::filesystem::path& folder, const Release& release,
                                                      const std::string& builder_id, const signing::Signer& signer);
[[nodiscard]] Result<Attestation> sign_manifest(const std::string& repository, const Digest& oci_manifest,
                                                const signing::Signer& signer);

}  // namespace reburst::registry
