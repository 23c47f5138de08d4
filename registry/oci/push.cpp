#include <algorithm>

#include "core/file.hpp"
#include "registry/oci/layout.hpp"
#include "registry/oci/oci.hpp"
#include "registry/oci/release.hpp"
#include "registry/oci/upload.hpp"

namespace reburst::oci {

namespace {

// A manifest of the layout, on its way.
struct Document {
  Descriptor descriptor;  // as it stands in an index
  Manifest manifest;
  std::string text;
  std::string tag;
};

// All that a push sends, read and checked before anything is sent.
struct Plan {
  Document release;
  std::vector<Document> referrers;
  std::uint64_t bytes = 0;
};

std::vector<Descriptor> blobs_of(const Manifest& manifest) {
  std::vector<Descriptor> out = manifest.layers;
  out.push_back(manifest.config);
  return out;
}

Result<Document> read_document(const fs::path& layout, const Descriptor& entry, const std::string& tag) {
  Document out{entry, {}, REBURST_TRY(read_blob(layout, entry)), tag};
  out.manifest = REBURST_TRY(parse_manifest(out.text, blob_path(layout, entry.sha256).string()));
  out.descriptor = describe_manifest(out.text, out.manifest);
  for (const auto& blob : blobs_of(out.manifest)) REBURST_TRY(check_blob_size(layout, blob));
  return out;
}

Result<std::vector<Document>> read_referrers(const fs::path& layout, const Index& index, const Digest& subject) {
  std::vector<Document> out;
  const auto* fallback = find_tag(index, fallback_tag(subject));
  if (fallback == nullptr) return out;
  const std::string text = REBURST_TRY(read_blob(layout, *fallback));
  const Index listed = REBURST_TRY(parse_index(text, blob_path(layout, fallback->sha256).string()));
  for (const auto& each : listed.manifests) {
    const auto entry = std::find_if(index.manifests.begin(), index.manifests.end(), [&](const auto& candidate) {
      return candidate.sha256 == each.sha256 && !tag_of(candidate).empty();
    });
    if (entry == index.manifests.end()) {
      return fail(ErrorCode::kIntegrity,
                  "cannot push from the OCI layout \"" + layout.string() + "\": its referrer \"" +
                      digest_text(each.sha256) + "\" has no tag",
                  "publish the release again");
    }
    out.push_back(REBURST_TRY(read_document(layout, each, tag_of(*entry))));
  }
  return out;
}

Result<Plan> read_plan(const fs::path& layout, const std::string& tag) {
  const Index index = REBURST_TRY(read_layout(layout));
  const auto* entry = find_tag(index, tag);
  if (entry == nullptr || is_reserved_tag(tag) || entry->media_type != kManifestType) {
    return fail(ErrorCode::kMissing,
                "cannot push \"" + tag + "\": the OCI layout \"" + layout.string() + "\" has no release with that tag",
                "\"reburst list\" shows what there is");
  }
  Plan plan{REBURST_TRY(read_document(layout, *entry, tag)), {}};
  plan.referrers = REBURST_TRY(read_referrers(layout, index, plan.release.descriptor.sha256));
  const auto add = [&](const Document& document) {
    for (const auto& blob : blobs_of(document.manifest)) plan.bytes += blob.size;
  };
  add(plan.release);
  std::for_each(plan.referrers.begin(), plan.referrers.end(), add);
  return plan;
}

// What a message calls the blob: the file's name, unless it is one that a terminal should not see.
std::string name_of(const Descriptor& blob) {
  const auto title = blob.annotations.find(std::string(kTitleAnnotation));
  const auto plain = [](char c) { return c >= ' ' && c < 0x7f; };
  const bool shown = title != blob.annotations.end() && std::all_of(title->second.begin(), title->second.end(), plain);
  return "\"" + (shown ? title->second : digest_text(blob.sha256)) + "\"";
}

Result<> upload_blobs(Session& session, const fs::path& layout, const Document& document, Progress& progress) {
  for (const auto& blob : blobs_of(document.manifest)) {
    REBURST_TRY(upload(session, name_of(blob), blob, blob_path(layout, blob.sha256), progress));
  }
  return {};
}

// Returns whether the registry takes note of the subject itself, so that no fallback index is wanted.
Result<bool> push_document(Session& session, const Document& document, const std::string& reference) {
  return put_manifest(session, "the manifest \"" + reference + "\"", reference, kManifestType, document.text,
                      document.manifest.subject);
}

Result<> check_tags(const std::vector<std::string>& tags, const std::string& destination) {
  for (const auto& tag : tags) {
    if (is_tag(tag) && !is_reserved_tag(tag)) continue;
    return fail(ErrorCode::kUsage, "cannot push to \"" + destination + "\": \"" + tag + "\" is no tag for a release",
                "use at most 128 letters, digits, \"_\", \".\" and \"-\", and do not begin with \"sha256-\"");
  }
  return {};
}

}  // namespace

Result<Digest> push(const fs::path& layout, const std::string& tag, const std::string& destination,
                    const PushOptions& options, Progress& progress) {
  auto address = REBURST_TRY(parse_destination(destination, options.plain_http));
  if (options.user.find(':') != std::string::npos) {
    return fail(ErrorCode::kUsage, "cannot push to \"" + destination + "\": a user name has no colon");
  }
  const auto tags = options.tags.empty() ? std::vector<std::string>{tag} : options.tags;
  REBURST_TRY(check_tags(options.tags, destination));
  const Plan plan = REBURST_TRY(read_plan(layout, tag));
  const Digest digest = plan.release.descriptor.sha256;
  Session session(std::move(address), options);
  REBURST_TRY(session.open());
  progress.begin("push", plan.bytes, Progress::Unit::kBytes);
  REBURST_TRY(upload_blobs(session, layout, plan.release, progress));
  REBURST_TRY(push_document(session, plan.release, digest_text(digest)));
  std::vector<Descriptor> unlisted;
  for (const auto& referrer : plan.referrers) {
    REBURST_TRY(upload_blobs(session, layout, referrer, progress));
    const bool listed = REBURST_TRY(push_document(session, referrer, referrer.tag));
    if (!listed) unlisted.push_back(referrer.descriptor);
  }
  if (!unlisted.empty()) REBURST_TRY(put_fallback(session, digest, unlisted));
  // Last: who sees a tag can get all of it.
  for (const auto& each : tags) REBURST_TRY(push_document(session, plan.release, each));
  return digest;
}

}  // namespace reburst::oci
