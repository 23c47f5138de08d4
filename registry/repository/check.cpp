#include <algorithm>
#include <map>
#include <set>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxManifest = 16U << 20U;
constexpr std::uint64_t kMaxIndex = 256U << 20U;
constexpr std::uint64_t kMaxSums = 16U << 20U;

class Check {
 public:
  Check(const Metadata& metadata, std::size_t jobs, Progress& progress)
      : metadata_(metadata), registry_(metadata.registry()), jobs_(jobs), progress_(progress) {}

  Result<std::vector<Fault>> run() {
    REBURST_TRY(check_targets());
    for (const auto& role : roles_of(metadata_)) {
      REBURST_TRY(check_oci(role));
      for (const auto& channel : channels_of(metadata_, role)) {
        REBURST_TRY(read_channel(metadata_, role, channel));  // its history has the digest that the metadata names
        check_images(role, channel);
      }
    }
    REBURST_TRY(check_chunks());
    return std::move(faults_);
  }

 private:
  void add(const fs::path& file, const std::string& what) {
    faults_.push_back({file.lexically_relative(registry_).string(), what});
  }

  // The TUF door: every target is there and has its length and digest. Names that are links of one file are read once.
  Result<> check_targets() {
    std::vector<std::pair<fs::path, tuf::TargetFile>> files;
    std::uint64_t total = 0;
    for (const auto& [role, targets] : metadata_.delegated()) {
      for (const auto& [path, target] : targets.targets) {
        files.emplace_back(registry_ / stored_path(path, target.sha256), target);
        total += target.length;
      }
    }
    progress_.begin("targets", total, Progress::Unit::kBytes);
    std::vector<std::string> wrong(files.size());
    REBURST_TRY(parallel_for(jobs_, files.size(), [&](std::size_t i) -> Result<> {
      const auto& [path, target] = files[i];
      std::error_code error;
      if (fs::file_size(path, error) != target.length || error) {
        wrong[i] = error ? "is not there" : "has another length than the metadata names";
      } else if (REBURST_TRY(sha256_file(path)) != target.sha256) {
        wrong[i] = "has another SHA-256 than the metadata names";
      }
      progress_.advance(target.length);
      return {};
    }));
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!wrong[i].empty()) add(files[i].first, wrong[i]);
    }
    return {};
  }

  // The OCI door: the layout is whole, the tags are the metadata's, and the manifest's layers are the release's files.
  Result<> check_oci(const std::string& role) {
    const auto layout = registry_ / "oci" / role;
    const auto tags = oci::check_layout(layout, jobs_);
    if (!tags) {
      add(layout, tags.error().message);
      return {};
    }
    for (const auto& name : channels_of(metadata_, role)) {
      const auto channel = REBURST_TRY(read_channel(metadata_, role, name));
      const auto current = REBURST_TRY(current_version(channel));
      for (const auto& release : REBURST_TRY(client::releases_of(channel.targets, role, name))) {
        check_tag(layout, *tags, release.version, release);
        if (release.version == current) check_tag(layout, *tags, name, release);
        check_layers(layout, release);
      }
    }
    return {};
  }

  void check_tag(const fs::path& layout, const std::map<std::string, Digest>& tags, const std::string& tag,
                 const client::ChannelRelease& release) {
    const auto found = tags.find(tag);
    if (found == tags.end() || "sha256:" + found->second.hex() != release.oci)
      add(layout / "index.json", "the tag \"" + tag + "\" is not the manifest that the metadata names");
  }

  void check_layers(const fs::path& layout, const client::ChannelRelease& release) {
    const auto hex = release.oci.substr(release.oci.find(':') + 1);
    const auto path = layout / "blobs/sha256" / hex;
    const auto text = read_file(path, kMaxManifest);
    const auto json = text ? parse_json(*text, path.string()) : Result<Json>(tl::unexpected(text.error()));
    if (!json || !json->contains("layers")) return add(path, "is no OCI manifest");
    std::map<std::string, std::string> digests;
    for (const auto& file : release.files) digests[file.name] = "sha256:" + file.sha256.hex();
    for (const auto& layer : (*json)["layers"]) {
      const auto title = layer.value("annotations", Json::object()).value("org.opencontainers.image.title", "");
      const auto known = digests.find(title);
      if (known == digests.end() || known->second != layer.value("digest", ""))
        add(path, "names another \"" + title + "\" than the metadata");
    }
  }

  // The door of systemd-pull: what SHA256SUMS says of the channel's disks.
  void check_images(const std::string& role, const std::string& name) {
    const auto folder = registry_ / "images" / role / name;
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) return;  // without an OpenPGP key the door was never made
    const auto sums = read_file(folder / "SHA256SUMS", kMaxSums);
    if (!sums) return add(folder / "SHA256SUMS", "cannot be read");
    const auto releases = client::releases_of(metadata_.delegated().at(channel_role(role, name)), role, name);
    if (!releases) return add(folder, releases.error().message);
    for (const auto& release : *releases) {
      for (const auto& file : release.files) {
        if (!file.name.ends_with(".raw") && !file.name.ends_with(".efi")) continue;
        if (sums->find(file.sha256.hex() + "  " + file.name + "\n") == std::string::npos)
          add(folder / "SHA256SUMS", "does not name the \"" + file.name + "\" of the metadata");
        const auto digest = sha256_file(folder / file.name);
        if (!digest || *digest != file.sha256) add(folder / file.name, "is not the file that the metadata names");
      }
    }
  }

  // The chunk door: every chunk of every index is there and is what its name says.
  Result<> check_chunks() {
    std::set<Digest> seen;
    for (const auto& [role, targets] : metadata_.delegated()) {
      for (const auto& [path, target] : targets.targets) {
        if (!path.ends_with(".caibx") || !seen.insert(target.sha256).second) continue;
        const auto file = registry_ / stored_path(path, target.sha256);
        const auto text = read_file(file, kMaxIndex);
        const auto index =
            text ? chunks::parse_index(*text, path) : Result<chunks::Index>(tl::unexpected(text.error()));
        if (!index) {
          add(file, index.error().message);
          continue;
        }
        const auto whole = chunks::check_store(*index, registry_ / "chunks", jobs_, progress_);
        if (!whole) add(registry_ / "chunks", whole.error().message);
      }
    }
    return {};
  }

  const Metadata& metadata_;
  const fs::path& registry_;
  std::size_t jobs_;
  Progress& progress_;
  std::vector<Fault> faults_;
};

}  // namespace

Result<std::vector<Fault>> check(const Metadata& metadata, std::size_t jobs, Progress& progress) {
  return Check(metadata, jobs, progress).run();
}

}  // namespace reburst::registry
