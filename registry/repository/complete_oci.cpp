#include <algorithm>

#include "core/file.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/check.hpp"
#include "registry/repository/doors.hpp"

namespace reburst::registry {

namespace {

constexpr std::string_view kEnvelope = ".dsse.json";

// Whether the index names the release, all that is said of it, and the list of that.
bool is_complete(const std::map<std::string, Digest>& tags, const std::vector<Digest>& releases,
                 const CheckedRelease& checked, const Digest& manifest) {
  if (std::find(releases.begin(), releases.end(), manifest) == releases.end()) return false;
  const auto fallback = "sha256-" + manifest.hex();
  if (!tags.contains(fallback)) return false;
  const auto prefix = checked.name(".");
  return std::all_of(checked.release.files.begin(), checked.release.files.end(), [&](const auto& file) {
    if (!file.name.starts_with(prefix) || !file.name.ends_with(kEnvelope)) return true;
    const auto kind = file.name.substr(prefix.size(), file.name.size() - prefix.size() - kEnvelope.size());
    return tags.contains(fallback + "." + kind);
  });
}

std::vector<oci::Layer> layers_of(const fs::path& registry, const CheckedRelease& checked) {
  std::vector<oci::Layer> out;
  for (const auto& file : checked.release.files) {
    if (!file.name.ends_with(kEnvelope))
      out.push_back({checked.path(registry, file), file.name, oci::media_type_of(file.name), file.size, file.sha256});
  }
  return out;
}

Result<> complete(const Metadata& metadata, const CheckedRelease& checked, const Digest& manifest) {
  const auto layout = metadata.registry() / "oci" / checked.release.role;
  const auto tags = REBURST_TRY(oci::read_tags(layout));
  if (is_complete(tags, REBURST_TRY(oci::list_releases(layout)), checked, manifest)) return {};
  std::vector<Fault> faults;
  CheckRun run{.metadata = metadata, .root_hash = {}, .progress = silent_progress(), .faults = faults};
  const auto referrers = check_release(run, checked);
  if (!faults.empty()) return {};  // what is damaged, check tells
  return oci::restore_in_layout(layout, manifest, layers_of(metadata.registry(), checked), referrers);
}

}  // namespace

Result<> complete_oci(const Metadata& metadata) {
  for (const auto& role : roles_of(metadata)) {
    const auto wanted = REBURST_TRY(wanted_tags(metadata, role));
    for (const auto& name : channels_of(metadata, role)) {
      const auto channel = REBURST_TRY(read_channel(metadata, role, name));
      for (const auto& release : REBURST_TRY(client::releases_of(channel.targets, role, name)))
        REBURST_TRY(complete(metadata, {release, channel.statement_keys}, wanted.at(release.version)));
    }
  }
  return {};
}

}  // namespace reburst::registry
