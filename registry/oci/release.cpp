#include "registry/oci/release.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace reburst::oci {

namespace {

constexpr std::size_t kMaxReferrerName = 48;  // with "sha256-<hex>." a tag has 128

Descriptor of_layer(const Layer& layer) {
  return {layer.media_type, layer.sha256, layer.size, {}, {{std::string(kTitleAnnotation), layer.name}}};
}

Manifest manifest_of(const std::vector<Layer>& layers, const std::map<std::string, std::string>& annotations) {
  Manifest out{std::string(kReleaseType), describe(kEmptyType, kEmptyConfig), {}, std::nullopt, annotations};
  std::transform(layers.begin(), layers.end(), std::back_inserter(out.layers), of_layer);
  return out;
}

bool is_referrer_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= kMaxReferrerName && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

std::string media_type_of(std::string_view file) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kByEnding{{
      {".raw", "application/vnd.reburst.disk.raw"},
      {".efi", "application/vnd.reburst.uki"},
      {".vmlinuz", "application/vnd.reburst.kernel"},
      {".initrd", "application/vnd.reburst.initrd"},
      {".files", "application/vnd.reburst.files"},
      {".caibx", "application/vnd.reburst.caibx"},
      {".dsse.json", "application/vnd.dsse.envelope.v1+json"},
      {".spdx.json", "application/spdx+json"},
      {".cdx.json", "application/vnd.cyclonedx+json"},
      {".provenance.json", "application/vnd.reburst.provenance+json"},
      {".lock", "application/vnd.reburst.lock+json"},
      {"manifest.json", "application/vnd.reburst.manifest+json"},
  }};
  const auto* found =
      std::find_if(kByEnding.begin(), kByEnding.end(), [&](const auto& each) { return file.ends_with(each.first); });
  return std::string(found != kByEnding.end() ? found->second : "application/octet-stream");
}

Blob make_manifest(const std::vector<Layer>& layers, const std::map<std::string, std::string>& annotations) {
  std::string text = to_text(manifest_of(layers, annotations));
  const Digest digest = sha256(text);
  return {std::move(text), digest};
}

Descriptor describe(std::string_view media_type, std::string_view content) {
  return {std::string(media_type), sha256(content), content.size()};
}

Descriptor describe_manifest(std::string_view text, const Manifest& manifest) {
  Descriptor out = describe(kManifestType, text);
  out.artifact_type = manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type;
  out.annotations = manifest.annotations;
  return out;
}

Manifest referrer_manifest(const Referrer& referrer, const Descriptor& subject) {
  return {std::string(kBundleType),
          describe(kEmptyType, kEmptyConfig),
          {describe(kBundleType, referrer.bundle)},
          Descriptor{subject.media_type, subject.sha256, subject.size},
          {{"dev.sigstore.bundle.content", "dsse-envelope"},
           {"dev.sigstore.bundle.predicateType", referrer.predicate_type}}};
}

std::string fallback_tag(const Digest& subject) {
  return "sha256-" + subject.hex();
}

std::string referrer_tag(const Digest& subject, std::string_view name) {
  return fallback_tag(subject) + "." + std::string(name);
}

bool is_reserved_tag(std::string_view tag) {
  return tag.starts_with("sha256-");
}

Result<Manifest> check_release(const Release& release) {
  for (const auto& tag : release.tags) {
    if (is_tag(tag) && !is_reserved_tag(tag)) continue;
    return fail(ErrorCode::kUsage, "cannot tag a release \"" + tag + "\": it is no tag of the OCI distribution-spec",
                "use at most 128 letters, digits, \"_\", \".\" and \"-\", and do not begin with \"sha256-\"");
  }
  std::set<std::string> names;
  for (const auto& referrer : release.referrers) {
    if (is_referrer_name(referrer.name) && names.insert(referrer.name).second) continue;
    return fail(ErrorCode::kUsage,
                "cannot name a referrer \"" + referrer.name +
                    "\": " + (names.contains(referrer.name) ? "another has that name" : "it cannot be part of a tag"),
                "use up to 48 lower-case letters, digits, \"-\" and \"_\", and each name once");
  }
  Manifest manifest = REBURST_TRY(parse_manifest(release.manifest.text, "the manifest of the release"));
  if (make_manifest(release.layers, manifest.annotations).text != release.manifest.text ||
      sha256(release.manifest.text) != release.manifest.sha256) {
    return fail(ErrorCode::kIntegrity,
                "cannot accept the manifest of the release: it is not made of the release's layers");
  }
  return manifest;
}

}  // namespace reburst::oci
