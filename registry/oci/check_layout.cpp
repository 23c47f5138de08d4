#include <algorithm>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "registry/oci/layout.hpp"
#include "registry/oci/oci.hpp"
#include "registry/oci/release.hpp"

namespace reburst::oci {

namespace {

tl::unexpected<Error> refuse(const fs::path& layout, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot accept the OCI layout \"" + layout.string() + "\": " + why,
              "publish the release again, or restore the folder from a copy of the registry");
}

// Blobs that lie there unnamed are checked as well: the next release may name them.
Result<std::vector<Digest>> blobs_on_disk(const fs::path& layout) {
  std::vector<Digest> out;
  std::error_code error;
  for (fs::directory_iterator each(blobs_folder(layout), error), end; !error && each != end; each.increment(error)) {
    const std::string name = each->path().filename().string();
    const auto digest = Digest::parse(name);
    if (digest && digest->hex() == name) {
      out.push_back(*digest);
    } else if (!name.starts_with('.')) {  // what an interrupted writer left is no blob
      return refuse(layout, "\"" + name + "\" among its blobs has no digest for a name");
    }
  }
  if (error) return fail(system_error("cannot read \"" + blobs_folder(layout).string() + "\"", error.value()));
  std::sort(out.begin(), out.end());
  return out;
}

Result<> check_content(const fs::path& layout, const Digest& digest) {
  const fs::path path = blob_path(layout, digest);
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) {
    return refuse(layout, "the blob \"" + digest_text(digest) + "\" is no regular file");
  }
  const Digest actual = REBURST_TRY(sha256_file(path));
  if (actual == digest) return {};
  return refuse(layout, "the blob \"" + digest_text(digest) + "\" has the wrong SHA-256\n  expected " + digest.hex() +
                            "\n  actual   " + actual.hex());
}

// A referrer that the fallback index does not list is one that a client of this layout never sees.
Result<> check_referrer(const fs::path& layout, const Index& index, const Reachable& reachable,
                        const std::pair<const Digest, Manifest>& referrer) {
  const Digest& digest = referrer.first;
  const Manifest& manifest = referrer.second;
  const std::string name = "the referrer \"" + digest_text(digest) + "\"";
  const auto tags = [&](const auto& entry) { return entry.sha256 == digest && !tag_of(entry).empty(); };
  if (std::none_of(index.manifests.begin(), index.manifests.end(), tags)) return refuse(layout, name + " has no tag");
  const auto* fallback = find_tag(index, fallback_tag(manifest.subject->sha256));
  const auto list = fallback != nullptr ? reachable.indexes.find(fallback->sha256) : reachable.indexes.end();
  const auto* listed = list != reachable.indexes.end() ? find_manifest(list->second, digest) : nullptr;
  if (listed == nullptr) {
    return refuse(layout, name + " does not stand in the index \"" + fallback_tag(manifest.subject->sha256) + "\"");
  }
  const std::string& type = manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type;
  if (listed->artifact_type == type && listed->annotations == manifest.annotations) return {};
  return refuse(layout, "the index \"" + fallback_tag(manifest.subject->sha256) + "\" describes " + name +
                            " otherwise than its manifest");
}

}  // namespace

Result<std::map<std::string, Digest>> check_layout(const fs::path& layout, std::size_t jobs) {
  const Index index = REBURST_TRY(read_layout(layout));
  const Reachable reachable = REBURST_TRY(reach(layout, index));
  for (const auto& [digest, descriptor] : reachable.blobs) REBURST_TRY(check_blob_size(layout, descriptor));
  for (const auto& each : reachable.manifests) {
    if (each.second.subject) REBURST_TRY(check_referrer(layout, index, reachable, each));
  }
  const auto blobs = REBURST_TRY(blobs_on_disk(layout));
  REBURST_TRY(parallel_for(jobs, blobs.size(), [&](std::size_t i) { return check_content(layout, blobs[i]); }));
  std::map<std::string, Digest> out;
  for (const auto& entry : index.manifests) {
    if (const std::string tag = tag_of(entry); !tag.empty()) out.emplace(tag, entry.sha256);
  }
  return out;
}

}  // namespace reburst::oci
