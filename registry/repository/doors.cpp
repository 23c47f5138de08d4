#include "registry/repository/doors.hpp"

#include <algorithm>
#include <map>

#include "core/file.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/channel.hpp"
#include "registry/repository/openpgp.hpp"

namespace reburst::registry {

Result<std::map<std::string, Digest>> wanted_tags(const Metadata& metadata, const std::string& role) {
  std::map<std::string, Digest> out;
  for (const auto& name : channels_of(metadata, role)) {
    const auto channel = REBURST_TRY(read_channel(metadata, role, name));
    const auto current = REBURST_TRY(current_version(channel));
    for (const auto& release : REBURST_TRY(client::releases_of(channel.targets, role, name))) {
      const auto digest = Digest::parse(std::string_view(release.oci).substr(std::string_view("sha256:").size()));
      if (!digest) return fail(ErrorCode::kIntegrity, "\"" + release.oci + "\" is no digest of an OCI manifest");
      out.emplace(release.version, *digest);
      if (release.version == current) out.emplace(name, *digest);
    }
  }
  return out;
}

Result<std::vector<ImageFile>> wanted_images(const Metadata& metadata, const std::string& role,
                                             const std::string& channel) {
  std::vector<ImageFile> out;
  const auto& targets = metadata.delegated().at(channel_role(role, channel));
  for (const auto& release : REBURST_TRY(client::releases_of(targets, role, channel))) {
    for (const auto& file : release.files) {
      if (!file.name.ends_with(".raw") && !file.name.ends_with(".efi")) continue;
      const auto path = target_path(role, channel, release.version, file.name);
      out.push_back({file.name, metadata.registry() / stored_path(path, file.sha256), file.sha256.hex()});
    }
  }
  return out;
}

Result<> Doors::prepare_oci(const Metadata& metadata, const std::string& role) {
  const auto layout = metadata.registry() / "oci" / role;
  const auto wanted = REBURST_TRY(wanted_tags(metadata, role));
  const auto present = REBURST_TRY(oci::read_tags(layout));
  const auto manifests = REBURST_TRY(oci::list_releases(layout));
  for (const auto& [tag, digest] : wanted) {
    const auto found = present.find(tag);
    if (found != present.end() && found->second == digest) continue;
    if (std::find(manifests.begin(), manifests.end(), digest) == manifests.end()) {
      return fail(
          ErrorCode::kMissing,
          "the OCI layout \"" + layout.string() + "\" has no manifest sha256:" + digest.hex() + " for \"" + tag + "\"",
          "restore it from a copy of the registry, or publish the release again from its folder");
    }
    tags_.push_back({layout, tag, digest});
  }
  for (const auto& [tag, digest] : present) {
    const bool ours = is_version(tag) || is_label(tag);  // referrers have tags of their own: "sha256-…"
    if (ours && !wanted.contains(tag)) tags_.push_back({layout, tag, std::nullopt});
  }
  return {};
}

Result<Doors> Doors::prepare(const Metadata& metadata, Epoch best_before, Progress& progress) {
  progress.begin("doors", 0, Progress::Unit::kItems);
  Doors out;
  for (const auto& role : roles_of(metadata)) REBURST_TRY(out.prepare_oci(metadata, role));
  const auto key = find_openpgp_key(metadata.publisher().keys);
  if (!key) {
    progress.note("note: the key folder has no openpgp.key, so images/ is left alone: systemd-pull sees nothing new");
    return out;
  }
  const auto sign = [&](std::string_view text) { return sign_openpgp(text, *key, metadata.publisher().now); };
  for (const auto& role : roles_of(metadata)) {
    for (const auto& name : channels_of(metadata, role)) {
      const auto files = REBURST_TRY(wanted_images(metadata, role, name));
      auto images = REBURST_TRY(prepare_images(metadata.registry(), role, name, files, best_before, sign));
      if (images) out.images_.push_back(*std::move(images));
    }
  }
  return out;
}

Result<> Doors::open() {
  const auto show = [&]() -> Result<> {
    for (const auto& tag : tags_) REBURST_TRY(oci::set_tag(tag.layout, tag.name, tag.manifest));
    for (auto& images : images_) REBURST_TRY(show_images(std::move(images)));
    return {};
  };
  auto shown = show();
  if (shown) return shown;
  shown.error().message =
      "the metadata is published, but oci/ or images/ does not follow it yet: " + shown.error().message;
  shown.error().hint = "reburst registry refresh lets it follow; reburst registry check tells what is behind";
  return shown;
}

}  // namespace reburst::registry
