#include "registry/repository/attest.hpp"

#include <array>

#include "core/file.hpp"
#include "core/json.hpp"
#include "signing/sign/seal.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxPredicate = 256U << 20U;

struct Kind {
  std::string_view artifact, name, predicate_type;
};
constexpr std::array<Kind, 3> kKinds = {{{"provenance", "provenance", "https://slsa.dev/provenance/v1"},
                                         {"sbom-spdx", "spdx", "https://spdx.dev/Document"},
                                         {"sbom-cyclonedx", "cyclonedx", "https://cyclonedx.org/bom"}}};

Result<Attestation> seal(const Kind& kind, const std::string& statement, const signing::Signer& signer) {
  return Attestation{.name = std::string(kind.name),
                     .predicate_type = std::string(kind.predicate_type),
                     .envelope = REBURST_TRY(signing::seal_envelope(signing::kInTotoType, statement, {&signer}))};
}

}  // namespace

Result<std::vector<Attestation>> attest(const fs::path& folder, const Release& release, const std::string& builder_id,
                                        const signing::Signer& signer) {
  std::vector<Attestation> out;
  for (const auto& kind : kKinds) {
    const auto* file = find_kind(release, kind.artifact);
    if (file == nullptr) {
      return fail(ErrorCode::kIntegrity, "the release has no \"" + std::string(kind.artifact) + "\"",
                  "build the role again with this version of reburst");
    }
    const auto path = folder / file->name;
    Json predicate = REBURST_TRY(parse_json(REBURST_TRY(read_file(path, kMaxPredicate)), path.string()));
    if (kind.name == "provenance" && predicate.contains("runDetails"))
      predicate["runDetails"]["builder"]["id"] = builder_id;
    out.push_back(REBURST_TRY(seal(kind, make_statement(release.files, kind.predicate_type, predicate), signer)));
  }
  return out;
}

Result<Attestation> sign_manifest(const std::string& repository, const Digest& oci_manifest,
                                  const signing::Signer& signer) {
  constexpr Kind kSignature = {"", "signature", "https://sigstore.dev/cosign/sign/v1"};
  const ReleaseFile manifest{.name = repository, .kind = {}, .size = 0, .sha256 = oci_manifest};
  return seal(kSignature, make_statement({manifest}, kSignature.predicate_type, Json::object()), signer);
}

}  // namespace reburst::registry
