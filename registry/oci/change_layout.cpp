#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "core/file.hpp"
#include "registry/oci/layout.hpp"
#include "registry/oci/oci.hpp"
#include "registry/oci/release.hpp"

namespace reburst::oci {

namespace {

constexpr std::string_view kMarker = "{\"imageLayoutVersion\":\"1.0.0\"}\n";

Result<Index> open_or_create(const fs::path& layout) {
  REBURST_TRY(make_directories(blobs_folder(layout)));
  std::error_code error;
  if (!fs::exists(layout / "oci-layout", error)) REBURST_TRY(write_file_atomic(layout / "oci-layout", kMarker));
  if (!fs::exists(layout / "index.json", error)) return Index{};
  return read_layout(layout);
}

Result<> flush(const fs::path& path) {
  const Fd file = REBURST_TRY(open_read(path));
  if (::fsync(file.get()) != 0) return fail(system_error("cannot flush \"" + path.string() + "\"", errno));
  return {};
}

// A name for the other file system's copy: complete when it gets its own.
Result<> copy_blob(const fs::path& file, const fs::path& blob) {
  const fs::path incoming = blob.parent_path() / ("." + blob.filename().string() + ".incoming");
  auto copied = [&]() -> Result<> {
    REBURST_TRY(clone_file(file, incoming));
    REBURST_TRY(flush(incoming));
    return rename_path(incoming, blob);
  }();
  if (!copied) ::unlink(incoming.c_str());
  return copied;
}

Result<bool> holds(const fs::path& blob, std::uint64_t size, const Digest& digest) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(blob, error)) || fs::file_size(blob, error) != size) return false;
  return REBURST_TRY(sha256_file(blob)) == digest;
}

Result<> add_file(const fs::path& layout, const Layer& layer) {
  std::error_code error;
  const auto size = fs::file_size(layer.file, error);
  if (error) return fail(system_error("cannot read \"" + layer.file.string() + "\"", error.value()));
  if (size != layer.size) {
    return fail(ErrorCode::kIntegrity, "cannot publish \"" + layer.file.string() + "\": wrong size\n  expected " +
                                           std::to_string(layer.size) + "\n  actual   " + std::to_string(size));
  }
  const fs::path blob = blob_path(layout, layer.sha256);
  if (fs::equivalent(layer.file, blob, error)) return {};
  if (REBURST_TRY(holds(blob, layer.size, layer.sha256))) return {};
  if (::unlink(blob.c_str()) != 0 && errno != ENOENT) {
    return fail(system_error("cannot replace \"" + blob.string() + "\"", errno));
  }
  // A file system without links, another one, or too many links: then a copy. What else is wrong, the copy meets too.
  if (::linkat(AT_FDCWD, layer.file.c_str(), AT_FDCWD, blob.c_str(), AT_SYMLINK_FOLLOW) == 0) return flush(blob);
  return copy_blob(layer.file, blob);
}

Result<> add_text(const fs::path& layout, std::string_view text) {
  const Digest digest = sha256(text);
  const fs::path blob = blob_path(layout, digest);
  if (REBURST_TRY(holds(blob, text.size(), digest))) return {};
  return write_file_atomic(blob, text);
}

void put_tag(Index& index, const std::string& tag, Descriptor descriptor) {
  descriptor.annotations[std::string(kTagAnnotation)] = tag;
  for (auto& entry : index.manifests) {
    // What loses its last tag stays, until it is removed.
    if (tag_of(entry) == tag) entry.annotations.erase(std::string(kTagAnnotation));
  }
  index.manifests.push_back(std::move(descriptor));
}

Result<Index> fallback_of(const fs::path& layout, const Index& index, const Digest& subject) {
  const auto* entry = find_tag(index, fallback_tag(subject));
  if (entry == nullptr) return Index{};
  return parse_index(REBURST_TRY(read_blob(layout, *entry)), blob_path(layout, entry->sha256).string());
}

// The referrers' blobs and tags, and the index that lists them; one of the same name as before takes its place.
Result<> add_referrers(const fs::path& layout, Index& index, const Release& release, const Descriptor& subject) {
  if (release.referrers.empty()) return {};
  Index fallback = REBURST_TRY(fallback_of(layout, index, subject.sha256));
  std::set<Digest> replaced;
  std::vector<Descriptor> added;
  for (const auto& referrer : release.referrers) {
    const Manifest manifest = referrer_manifest(referrer, subject);
    const std::string text = to_text(manifest);
    REBURST_TRY(add_text(layout, referrer.bundle));
    REBURST_TRY(add_text(layout, text));
    added.push_back(describe_manifest(text, manifest));
    replaced.insert(added.back().sha256);
    const std::string tag = referrer_tag(subject.sha256, referrer.name);
    if (const auto* before = find_tag(index, tag)) replaced.insert(before->sha256);
    std::erase_if(index.manifests, [&](const auto& entry) { return tag_of(entry) == tag; });
    put_tag(index, tag, describe(kManifestType, text));
  }
  std::erase_if(fallback.manifests, [&](const auto& each) { return replaced.contains(each.sha256); });
  std::move(added.begin(), added.end(), std::back_inserter(fallback.manifests));
  const std::string text = to_text(fallback);
  REBURST_TRY(add_text(layout, text));
  const std::string tag = fallback_tag(subject.sha256);
  std::erase_if(index.manifests, [&](const auto& entry) { return tag_of(entry) == tag; });
  put_tag(index, tag, describe(kIndexType, text));
  return {};
}

// `doomed` and what refers to it, to any depth: a signature of a signature goes too.
std::set<Digest> with_referrers(std::set<Digest> doomed, const Reachable& reachable) {
  for (std::size_t before = 0; before != doomed.size();) {
    before = doomed.size();
    for (const auto& [digest, manifest] : reachable.manifests) {
      if (manifest.subject && doomed.contains(manifest.subject->sha256)) doomed.insert(digest);
    }
  }
  return doomed;
}

// What no manifest names, and what an interrupted writer left.
Result<std::vector<fs::path>> find_garbage(const fs::path& layout, const std::map<Digest, Descriptor>& keep) {
  std::error_code error;
  std::vector<fs::path> garbage;
  for (fs::directory_iterator each(blobs_folder(layout), error), end; !error && each != end; each.increment(error)) {
    const std::string name = each->path().filename().string();
    const auto digest = Digest::parse(name);
    if (digest ? !keep.contains(*digest) : name.starts_with('.')) garbage.push_back(each->path());
  }
  if (error) return fail(system_error("cannot read \"" + blobs_folder(layout).string() + "\"", error.value()));
  std::sort(garbage.begin(), garbage.end());
  return garbage;
}

}  // namespace

Result<> add_to_layout(const fs::path& layout, const Release& release) {
  const Manifest manifest = REBURST_TRY(check_release(release));
  Index index = REBURST_TRY(open_or_create(layout));
  for (const auto& layer : release.layers) REBURST_TRY(add_file(layout, layer));
  REBURST_TRY(add_text(layout, kEmptyConfig));
  REBURST_TRY(add_text(layout, release.manifest.text));
  const Descriptor subject = describe_manifest(release.manifest.text, manifest);
  REBURST_TRY(add_referrers(layout, index, release, subject));
  // Without a tag too: it is what keeps the release when a tag moves on.
  Descriptor entry = describe(kManifestType, release.manifest.text);
  entry.artifact_type = manifest.artifact_type;
  index.manifests.push_back(entry);
  for (const auto& tag : release.tags) put_tag(index, tag, entry);
  REBURST_TRY(sync_directory(blobs_folder(layout)));
  return write_layout(layout, std::move(index));
}

Result<> restore_in_layout(const fs::path& layout, const Digest& manifest, std::vector<Layer> layers,
                           const std::vector<Referrer>& referrers) {
  auto text = REBURST_TRY(read_file(blob_path(layout, manifest), kMaxManifest));
  const auto read = REBURST_TRY(parse_manifest(text, digest_text(manifest)));
  const auto place = [&](const Layer& layer) {
    return std::find_if(read.layers.begin(), read.layers.end(), [&](const auto& one) {
      const auto title = one.annotations.find(std::string(kTitleAnnotation));
      return title != one.annotations.end() && title->second == layer.name;
    });
  };
  std::stable_sort(layers.begin(), layers.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return add_to_layout(layout, {{std::move(text), manifest}, std::move(layers), referrers, {}});
}

Result<> set_tag(const fs::path& layout, const std::string& tag, const std::optional<Digest>& manifest) {
  Index index = REBURST_TRY(read_layout(layout));
  if (!is_tag(tag) || is_reserved_tag(tag)) {
    return fail(ErrorCode::kUsage, "cannot set the tag \"" + tag + "\": it is no tag of a release");
  }
  const Descriptor* target = manifest ? find_manifest(index, *manifest) : nullptr;
  if (manifest && target == nullptr) {
    return fail(ErrorCode::kMissing, "cannot tag \"" + digest_text(*manifest) + "\" as \"" + tag +
                                         "\": the OCI layout \"" + layout.string() + "\" has no such manifest");
  }
  if (target != nullptr) {
    put_tag(index, tag, *target);
  } else {
    for (auto& entry : index.manifests) {
      if (tag_of(entry) == tag) entry.annotations.erase(std::string(kTagAnnotation));
    }
  }
  return write_layout(layout, std::move(index));
}

Result<std::vector<std::string>> remove_from_layout(const fs::path& layout, const std::vector<Digest>& manifests,
                                                    bool dry_run) {
  Index index = REBURST_TRY(read_layout(layout));
  const std::set<Digest> removed(manifests.begin(), manifests.end());
  // What goes may be damaged: what refers to it says so by itself.
  const Reachable before = REBURST_TRY(reach(layout, index, removed));
  const auto doomed = with_referrers(removed, before);
  std::set<std::string> fallbacks;
  for (const auto& digest : doomed) fallbacks.insert(fallback_tag(digest));
  std::erase_if(index.manifests,
                [&](const auto& entry) { return doomed.contains(entry.sha256) || fallbacks.contains(tag_of(entry)); });
  const Reachable after = REBURST_TRY(reach(layout, index));
  if (!dry_run) REBURST_TRY(write_layout(layout, std::move(index)));
  std::vector<std::string> out;
  for (const auto& path : REBURST_TRY(find_garbage(layout, after.blobs))) {
    if (!dry_run && ::unlink(path.c_str()) != 0)
      return fail(system_error("cannot remove \"" + path.string() + "\"", errno));
    out.push_back(path.lexically_relative(layout).string());
  }
  return out;
}

}  // namespace reburst::oci
