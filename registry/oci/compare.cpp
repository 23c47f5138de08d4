#include <set>

#include "core/file.hpp"
#include "registry/oci/layout.hpp"
#include "registry/oci/oci.hpp"
#include "registry/oci/release.hpp"

namespace reburst::oci {

namespace {

using Differences = std::vector<std::string>;

void compare_layers(const Manifest& shown, const std::vector<Layer>& wanted, Differences& out) {
  std::map<std::string, const Descriptor*> layers;  // by title
  for (const auto& layer : shown.layers) {
    const auto title = layer.annotations.find(std::string(kTitleAnnotation));
    const std::string name = title == layer.annotations.end() ? "" : title->second;
    if (!layers.emplace(name, &layer).second) out.push_back("has the layer \"" + name + "\" twice");
  }
  for (const auto& file : wanted) {
    const auto found = layers.find(file.name);
    if (found == layers.end()) {
      out.push_back("has no layer \"" + file.name + "\"");
      continue;
    }
    if (found->second->sha256 != file.sha256 || found->second->size != file.size)
      out.push_back("has another \"" + file.name + "\" than the metadata names");
    layers.erase(found);
  }
  for (const auto& [name, layer] : layers)
    out.push_back("has the layer \"" + name + "\", which the metadata does not name");
}

// Every tag that begins with the release's fallback tag, but that one.
std::map<std::string, Digest> referrer_tags(const Index& index, const Digest& subject) {
  std::map<std::string, Digest> out;
  for (const auto& entry : index.manifests) {
    const auto tag = tag_of(entry);
    if (tag.starts_with(fallback_tag(subject) + ".")) out.emplace(tag, entry.sha256);
  }
  return out;
}

Result<std::set<Digest>> listed_referrers(const fs::path& layout, const Index& index, const Digest& subject) {
  std::set<Digest> out;
  const auto* fallback = find_tag(index, fallback_tag(subject));
  if (fallback == nullptr) return out;
  const auto list =
      REBURST_TRY(parse_index(REBURST_TRY(read_blob(layout, *fallback)), blob_path(layout, fallback->sha256).string()));
  for (const auto& entry : list.manifests) out.insert(entry.sha256);
  return out;
}

Result<> compare_referrers(const fs::path& layout, const Index& index, const Descriptor& subject,
                           const std::vector<Referrer>& wanted, Differences& out) {
  auto tags = referrer_tags(index, subject.sha256);
  auto listed = REBURST_TRY(listed_referrers(layout, index, subject.sha256));
  for (const auto& referrer : wanted) {
    const Digest digest = sha256(to_text(referrer_manifest(referrer, subject)));
    const auto tag = referrer_tag(subject.sha256, referrer.name);
    const auto found = tags.find(tag);
    if (found == tags.end() || found->second != digest)
      out.push_back("has another " + referrer.name + " under the tag \"" + tag + "\" than the metadata names");
    if (listed.erase(digest) == 0)
      out.push_back("does not list its " + referrer.name + " in the index \"" + fallback_tag(subject.sha256) + "\"");
    tags.erase(tag);
  }
  for (const auto& [tag, digest] : tags)
    out.push_back("has the referrer \"" + tag + "\", which the metadata does not name");
  for (const auto& digest : listed)
    out.push_back("lists the referrer \"" + digest_text(digest) + "\", which the metadata does not name");
  return {};
}

}  // namespace

Result<std::vector<std::string>> compare_release(const fs::path& layout, const Digest& manifest,
                                                 const std::vector<Layer>& layers,
                                                 const std::vector<Referrer>& referrers) {
  const Index index = REBURST_TRY(read_layout(layout));
  const auto* entry = find_manifest(index, manifest);
  if (entry == nullptr) return Differences{"is not in the layout's index.json"};
  const auto text = REBURST_TRY(read_blob(layout, *entry));
  Differences out;
  compare_layers(REBURST_TRY(parse_manifest(text, digest_text(manifest))), layers, out);
  const Descriptor subject{std::string(kManifestType), manifest, text.size()};
  REBURST_TRY(compare_referrers(layout, index, subject, referrers, out));
  return out;
}

}  // namespace reburst::oci
