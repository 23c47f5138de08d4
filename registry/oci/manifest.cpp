#include "registry/oci/manifest.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace reburst::oci {

namespace {

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxLayers = 1000;
constexpr std::size_t kMaxMediaType = 255;
constexpr std::uint64_t kMaxBlob = 1ULL << 53U;  // what every JSON reader holds exactly
constexpr std::string_view kSha256 = "sha256:";

bool alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

tl::unexpected<Error> refuse(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot accept \"" + std::string(name) + "\": " + why);
}

// type "/" subtype (RFC 6838, 4.2); it becomes a header, so nothing but visible ASCII.
bool is_media_type(std::string_view text) {
  const auto visible = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
  const auto slash = text.find('/');
  return text.size() <= kMaxMediaType && slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
         std::all_of(text.begin(), text.end(), visible);
}

Result<std::string> media_type(const Json& object, const char* key, std::string_view name) {
  std::string text = REBURST_TRY(json_string(object, key, name));
  if (!is_media_type(text)) return refuse(name, "its \"" + std::string(key) + "\" is no media type");
  return text;
}

Result<std::map<std::string, std::string>> parse_annotations(const Json& object, std::string_view name) {
  std::map<std::string, std::string> out;
  const auto found = object.find("annotations");
  if (found == object.end()) return out;
  if (!found->is_object()) return refuse(name, "its annotations are no object");
  for (const auto& [key, value] : found->items()) {
    if (!value.is_string()) return refuse(name, "an annotation is no string");
    out.emplace(key, value.get<std::string>());
  }
  return out;
}

Result<Descriptor> parse_descriptor(const Json& object, const std::string& name) {
  if (!object.is_object()) return refuse(name, "it is no object");
  Descriptor out;
  out.media_type = REBURST_TRY(media_type(object, "mediaType", name));
  const auto digest = parse_digest(REBURST_TRY(json_string(object, "digest", name)));
  if (!digest) return refuse(name, "its digest is not \"sha256:\" and 64 lower-case hexadecimal digits");
  out.sha256 = *digest;
  out.size = REBURST_TRY(json_unsigned(object, "size", name));
  if (out.size > kMaxBlob) return refuse(name, "its size is " + std::to_string(out.size) + " bytes");
  if (object.contains("artifactType")) out.artifact_type = REBURST_TRY(media_type(object, "artifactType", name));
  out.annotations = REBURST_TRY(parse_annotations(object, name));
  out.others = object;
  for (const auto* key : {"mediaType", "digest", "size", "artifactType", "annotations"}) out.others.erase(key);
  return out;
}

Result<std::vector<Descriptor>> parse_descriptors(const Json& object, const char* key, std::string_view name) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return refuse(name, "it has no list \"" + std::string(key) + "\"");
  std::vector<Descriptor> out;
  for (const auto& each : *found) {
    const std::string where = std::string(name) + " " + key + "[" + std::to_string(out.size()) + "]";
    out.push_back(REBURST_TRY(parse_descriptor(each, where)));
  }
  return out;
}

// The document as an object of schema version 2 that says (where it says so) that it is `type`, and has nothing that
// only `other` kinds have: one text must not be a manifest to one reader and an index to the next (CVE-2021-41190).
Result<Json> parse_document(std::string_view text, std::string_view name, std::string_view type,
                            std::initializer_list<const char*> other) {
  Json object = REBURST_TRY(parse_json(text, name, kMaxDepth));
  if (!object.is_object()) return refuse(name, "it is no object");
  if (REBURST_TRY(json_unsigned(object, "schemaVersion", name)) != 2) return refuse(name, "its schemaVersion is not 2");
  if (object.contains("mediaType")) {
    const std::string said = REBURST_TRY(media_type(object, "mediaType", name));
    if (said != type) return refuse(name, "its mediaType is \"" + said + "\", not \"" + std::string(type) + "\"");
  }
  for (const auto* key : other) {
    if (object.contains(key)) return refuse(name, "it has \"" + std::string(key) + "\", which does not belong there");
  }
  return object;
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, std::string_view name) {
  if (text.size() > kMaxManifest) return refuse(name, "it is larger than " + std::to_string(kMaxManifest) + " bytes");
  const Json object = REBURST_TRY(parse_document(text, name, kManifestType, {"manifests", "fsLayers", "history"}));
  Manifest out;
  if (object.contains("artifactType")) out.artifact_type = REBURST_TRY(media_type(object, "artifactType", name));
  if (!object.contains("config")) return refuse(name, "it has no config");
  out.config = REBURST_TRY(parse_descriptor(object.at("config"), std::string(name) + " config"));
  out.layers = REBURST_TRY(parse_descriptors(object, "layers", name));
  if (out.layers.size() > kMaxLayers) return refuse(name, "it has more than " + std::to_string(kMaxLayers) + " layers");
  if (object.contains("subject")) {
    out.subject = REBURST_TRY(parse_descriptor(object.at("subject"), std::string(name) + " subject"));
  }
  out.annotations = REBURST_TRY(parse_annotations(object, name));
  return out;
}

Result<Index> parse_index(std::string_view text, std::string_view name) {
  Index out;
  out.others = REBURST_TRY(parse_document(text, name, kIndexType, {"config", "layers", "fsLayers"}));
  out.manifests = REBURST_TRY(parse_descriptors(out.others, "manifests", name));
  for (const auto* key : {"schemaVersion", "mediaType", "manifests"}) out.others.erase(key);
  return out;
}

Json to_json(const Descriptor& descriptor) {
  Json out = descriptor.others;
  out["mediaType"] = descriptor.media_type;
  out["digest"] = digest_text(descriptor.sha256);
  out["size"] = descriptor.size;
  if (!descriptor.artifact_type.empty()) out["artifactType"] = descriptor.artifact_type;
  if (!descriptor.annotations.empty()) out["annotations"] = descriptor.annotations;
  return out;
}

std::string to_text(const Manifest& manifest) {
  Json out = {{"schemaVersion", 2}, {"mediaType", kManifestType}, {"config", to_json(manifest.config)}};
  if (!manifest.artifact_type.empty()) out["artifactType"] = manifest.artifact_type;
  if (!manifest.annotations.empty()) out["annotations"] = manifest.annotations;
  if (manifest.subject) out["subject"] = to_json(*manifest.subject);
  out["layers"] = Json::array();
  for (const auto& layer : manifest.layers) out["layers"].push_back(to_json(layer));
  return canonical_json(out);
}

std::string to_text(const Index& index) {
  Json out = index.others;
  out["schemaVersion"] = 2;
  out["mediaType"] = kIndexType;
  out["manifests"] = Json::array();
  for (const auto& each : index.manifests) out["manifests"].push_back(to_json(each));
  return canonical_json(out);
}

std::string digest_text(const Digest& digest) {
  return std::string(kSha256) + digest.hex();
}

std::optional<Digest> parse_digest(std::string_view text) {
  if (!text.starts_with(kSha256)) return std::nullopt;
  text.remove_prefix(kSha256.size());
  const auto digest = Digest::parse(text);
  return digest && digest->hex() == text ? digest : std::nullopt;
}

bool is_tag(std::string_view text) {
  const auto allowed = [](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 128 && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace reburst::oci
