#include "registry/oci/layout.hpp"

#include <algorithm>
#include <tuple>

#include "core/file.hpp"
#include "registry/oci/oci.hpp"

namespace reburst::oci {

namespace {

constexpr std::uint64_t kMaxIndexFile = 16U << 20U;
constexpr std::uint64_t kMaxMarker = 4096;

std::string quoted(const fs::path& path) {
  return "\"" + path.string() + "\"";
}

Result<> check_marker(const fs::path& layout) {
  const fs::path path = layout / "oci-layout";
  const std::string text = REBURST_TRY(read_file(path, kMaxMarker));
  const Json marker = REBURST_TRY(parse_json(text, path.string()));
  const std::string version = REBURST_TRY(json_string(marker, "imageLayoutVersion", path.string()));
  if (version == "1.0.0") return {};
  return fail(ErrorCode::kIntegrity, "cannot read the OCI layout " + quoted(layout) + ": its version is not 1.0.0");
}

Result<> check_tags(const fs::path& path, const Index& index) {
  std::set<std::string> seen;
  for (const auto& entry : index.manifests) {
    const std::string tag = tag_of(entry);
    if (tag.empty()) continue;
    if (!is_tag(tag))
      return fail(ErrorCode::kIntegrity, "cannot accept " + quoted(path) + ": it has a tag that is none");
    if (!seen.insert(tag).second) {
      return fail(ErrorCode::kIntegrity, "cannot accept " + quoted(path) + ": it has the tag \"" + tag + "\" twice");
    }
  }
  return {};
}

tl::unexpected<Error> wrong_blob(const fs::path& layout, const Digest& digest, const std::string& why) {
  return fail(ErrorCode::kIntegrity,
              "cannot accept the blob \"" + digest_text(digest) + "\" of the OCI layout " + quoted(layout) + ": " + why,
              "publish the release again, or restore the file from a copy of the registry");
}

// One walk from the index down; each manifest is read once.
class Walk {
 public:
  Walk(const fs::path& layout, const std::set<Digest>& unopened) : layout_(layout), unopened_(unopened) {}

  Result<> entries(const Index& index) {
    for (const auto& entry : index.manifests) REBURST_TRY(visit(entry));
    while (!waiting_.empty()) {
      const Descriptor next = waiting_.back();
      waiting_.pop_back();
      REBURST_TRY(open(next));
    }
    return {};
  }

  Reachable found;

 private:
  Result<> blob(const Descriptor& descriptor) {
    const auto [known, fresh] = found.blobs.emplace(descriptor.sha256, descriptor);
    if (fresh || known->second.size == descriptor.size) return {};
    return wrong_blob(layout_, descriptor.sha256,
                      "one manifest says that it has " + std::to_string(known->second.size) + " bytes, another " +
                          std::to_string(descriptor.size));
  }

  Result<> visit(const Descriptor& descriptor) {
    REBURST_TRY(blob(descriptor));
    const bool document = descriptor.media_type == kManifestType || descriptor.media_type == kIndexType;
    if (document && !unopened_.contains(descriptor.sha256) &&
        opened_.emplace(descriptor.sha256, descriptor.media_type).second)
      waiting_.push_back(descriptor);
    return {};
  }

  Result<> open(const Descriptor& descriptor) {
    const std::string text = REBURST_TRY(read_blob(layout_, descriptor));
    const std::string name = blob_path(layout_, descriptor.sha256).string();
    if (descriptor.media_type == kIndexType) {
      Index index = REBURST_TRY(parse_index(text, name));
      for (const auto& each : index.manifests) REBURST_TRY(visit(each));
      found.indexes.emplace(descriptor.sha256, std::move(index));
      return {};
    }
    Manifest manifest = REBURST_TRY(parse_manifest(text, name));
    REBURST_TRY(blob(manifest.config));
    for (const auto& layer : manifest.layers) REBURST_TRY(blob(layer));
    found.manifests.emplace(descriptor.sha256, std::move(manifest));
    return {};
  }

  fs::path layout_;
  const std::set<Digest>& unopened_;
  std::vector<Descriptor> waiting_;
  std::set<std::pair<Digest, std::string>> opened_;
};

}  // namespace

fs::path blobs_folder(const fs::path& layout) {
  return layout / "blobs" / "sha256";
}

fs::path blob_path(const fs::path& layout, const Digest& digest) {
  return blobs_folder(layout) / digest.hex();
}

Result<Index> read_layout(const fs::path& layout) {
  REBURST_TRY(check_marker(layout));
  const fs::path path = layout / "index.json";
  const std::string text = REBURST_TRY(read_file(path, kMaxIndexFile));
  Index index = REBURST_TRY(parse_index(text, path.string()));
  REBURST_TRY(check_tags(path, index));
  return index;
}

Result<> write_layout(const fs::path& layout, Index index) {
  std::set<Digest> tagged;
  for (const auto& entry : index.manifests) {
    if (!tag_of(entry).empty()) tagged.insert(entry.sha256);
  }
  std::erase_if(index.manifests,
                [&](const auto& entry) { return tag_of(entry).empty() && tagged.contains(entry.sha256); });
  std::sort(index.manifests.begin(), index.manifests.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(tag_of(a), a.sha256) < std::make_tuple(tag_of(b), b.sha256);
  });
  return write_file_atomic(layout / "index.json", to_text(index));
}

Result<> check_blob_size(const fs::path& layout, const Descriptor& descriptor) {
  const fs::path path = blob_path(layout, descriptor.sha256);
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  if (!fs::is_regular_file(status)) {
    return wrong_blob(layout, descriptor.sha256, fs::exists(status) ? "it is no regular file" : "it is not there");
  }
  const auto size = fs::file_size(path, error);
  if (error) return fail(system_error("cannot read " + quoted(path), error.value()));
  if (size == descriptor.size) return {};
  return wrong_blob(
      layout, descriptor.sha256,
      "wrong size\n  expected " + std::to_string(descriptor.size) + "\n  actual   " + std::to_string(size));
}

Result<std::string> read_blob(const fs::path& layout, const Descriptor& descriptor) {
  if (descriptor.size > kMaxManifest) {
    return wrong_blob(layout, descriptor.sha256, "a manifest has at most " + std::to_string(kMaxManifest) + " bytes");
  }
  REBURST_TRY(check_blob_size(layout, descriptor));
  std::string text = REBURST_TRY(read_file(blob_path(layout, descriptor.sha256), descriptor.size));
  const Digest actual = sha256(text);
  if (actual == descriptor.sha256) return text;
  return wrong_blob(layout, descriptor.sha256,
                    "wrong SHA-256\n  expected " + descriptor.sha256.hex() + "\n  actual   " + actual.hex());
}

std::string tag_of(const Descriptor& entry) {
  const auto found = entry.annotations.find(std::string(kTagAnnotation));
  return found != entry.annotations.end() ? found->second : std::string();
}

const Descriptor* find_tag(const Index& index, std::string_view tag) {
  const auto found = std::find_if(index.manifests.begin(), index.manifests.end(),
                                  [&](const auto& entry) { return tag_of(entry) == tag; });
  return found != index.manifests.end() ? &*found : nullptr;
}

const Descriptor* find_manifest(const Index& index, const Digest& digest) {
  const auto found = std::find_if(index.manifests.begin(), index.manifests.end(),
                                  [&](const auto& entry) { return entry.sha256 == digest; });
  return found != index.manifests.end() ? &*found : nullptr;
}

Result<Reachable> reach(const fs::path& layout, const Index& index, const std::set<Digest>& unopened) {
  Walk walk(layout, unopened);
  REBURST_TRY(walk.entries(index));
  return std::move(walk.found);
}

Result<std::map<std::string, Digest>> read_tags(const fs::path& layout) {
  std::map<std::string, Digest> out;
  std::error_code error;
  if (!fs::exists(layout / "index.json", error)) return out;
  const Index index = REBURST_TRY(read_layout(layout));
  for (const auto& entry : index.manifests) {
    if (const std::string tag = tag_of(entry); !tag.empty()) out[tag] = entry.sha256;
  }
  return out;
}

Result<std::vector<Digest>> list_releases(const fs::path& layout) {
  std::set<Digest> out;
  std::error_code error;
  if (!fs::exists(layout / "index.json", error)) return std::vector<Digest>();
  const Index index = REBURST_TRY(read_layout(layout));
  for (const auto& entry : index.manifests) {
    if (entry.artifact_type == kReleaseType) out.insert(entry.sha256);
  }
  return std::vector<Digest>(out.begin(), out.end());
}

Result<std::string> version_of(const fs::path& layout, const Digest& manifest) {
  const Index index = REBURST_TRY(read_layout(layout));
  const auto* entry = find_manifest(index, manifest);
  if (entry == nullptr) {
    return fail(ErrorCode::kMissing,
                "the OCI layout " + quoted(layout) + " has no manifest \"" + digest_text(manifest) + "\"");
  }
  const std::string text = REBURST_TRY(read_blob(layout, *entry));
  const Manifest read = REBURST_TRY(parse_manifest(text, blob_path(layout, manifest).string()));
  const auto found = read.annotations.find(std::string(kVersionAnnotation));
  return found == read.annotations.end() ? std::string() : found->second;
}

}  // namespace reburst::oci
