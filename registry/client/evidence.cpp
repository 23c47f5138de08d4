#include "registry/client/evidence.hpp"

#include <algorithm>
#include <map>

#include "core/json.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"

namespace reburst::client {

namespace {

constexpr std::string_view kTimestamp = "timestamp.json";

tl::unexpected<Error> expired(const std::string& what, Epoch at) {
  return fail(ErrorCode::kExpired, "\"" + what + "\" expired at " + iso_time(at),
              "pull the release again: its publisher renews what is still good");
}

std::string versioned(std::uint64_t version, const std::string& role) {
  return std::to_string(version) + "." + role + ".json";
}

// Which release the folder is said to be; that it is, its digests decide.
Result<ChannelRelease> find_release(const VerifiedMetadata& metadata, const Json& named, std::string_view name) {
  const auto role = REBURST_TRY(json_string(named, "role", name));
  const auto channel = REBURST_TRY(json_string(named, "channel", name));
  const auto version = REBURST_TRY(json_string(named, "version", name));
  for (auto& release : REBURST_TRY(channel_releases(metadata, role, channel))) {
    if (release.version == version) return std::move(release);
  }
  return fail(ErrorCode::kIntegrity,
              "the signed metadata names no \"" + role + "\" " + version + " in the channel \"" + channel + "\"",
              "pull the release again");
}

// A pull by version brings the metadata of every channel, and one that has no say in the release may have expired.
bool speaks_for(const tuf::Delegation& delegation, const ChannelRelease& release) {
  const auto path = registry::target_path(release.role, release.channel, release.version, registry::kManifestName);
  return std::any_of(delegation.paths.begin(), delegation.paths.end(),
                     [&](const auto& pattern) { return tuf::matches(pattern, path); });
}

}  // namespace

std::string to_evidence(const VerifiedMetadata& metadata, const std::vector<std::string>& roots,
                        const ChannelRelease& release) {
  Json files = Json::object();
  const auto first = metadata.root.header.version + 1 - roots.size();
  for (std::size_t i = 0; i < roots.size(); ++i) files[versioned(first + i, "root")] = roots[i];
  const auto& state = metadata.state;
  files[std::string(kTimestamp)] = state.timestamp;
  files[versioned(metadata.snapshot.header.version, "snapshot")] = state.snapshot;
  files[versioned(metadata.targets.header.version, "targets")] = state.targets;
  for (const auto& [role, targets] : metadata.delegated)
    files[versioned(targets.header.version, role)] = state.delegated.at(role);
  return canonical_json(
      {{"trust", 1},
       {"release", {{"role", release.role}, {"channel", release.channel}, {"version", release.version}}},
       {"files", std::move(files)}});
}

Result<Checked> check_evidence(std::string_view evidence, std::string_view trusted_root, Epoch now,
                               std::string_view name) {
  const auto json = REBURST_TRY(parse_json(evidence, name));
  const auto files = json.is_object() ? json.find("files") : json.end();
  const auto named = json.is_object() ? json.find("release") : json.end();
  if (!json.is_object() || json.value("trust", Json()) != 1 || files == json.end() || !files->is_object() ||
      named == json.end() || !named->is_object()) {
    return fail(ErrorCode::kIntegrity, "\"" + std::string(name) + "\" is not the trust.json of a pulled release",
                "name a folder that reburst pull made");
  }
  std::vector<std::string> delegated;
  for (const auto& [file, text] : files->items()) {
    if (!text.is_string())
      return fail(ErrorCode::kIntegrity, "\"" + std::string(name) + "\": \"" + file + "\" is no text");
    const auto dot = file.find('.');
    const auto role = file.substr(dot + 1, file.size() - dot - 1 - std::string_view(".json").size());
    if (role.find('-') != std::string::npos) delegated.push_back(role);
  }
  const auto fetch = [&](const std::string& wanted, std::uint64_t max) -> Result<std::string> {
    const auto found = files->find(wanted);
    if (found == files->end())
      return fail(ErrorCode::kMissing, "\"" + std::string(name) + "\" does not hold \"" + wanted + "\"");
    const auto text = found->get<std::string>();
    if (text.size() > max)
      return fail(ErrorCode::kIntegrity, "\"" + wanted + "\" is larger than " + std::to_string(max) + " bytes");
    return text;
  };
  TrustedState trusted;
  trusted.root = std::string(trusted_root);
  Checked out{
      .metadata = REBURST_TRY(update(trusted, fetch, {.now = 0, .delegated = delegated})), .release = {}, .notes = {}};
  out.release = REBURST_TRY(find_release(out.metadata, *named, name));
  const auto& metadata = out.metadata;
  if (metadata.root.header.expires <= now) return expired("root", metadata.root.header.expires);
  if (metadata.targets.header.expires <= now) return expired("targets", metadata.targets.header.expires);
  for (const auto& delegation : metadata.targets.delegations) {
    const auto found = metadata.delegated.find(delegation.name);
    if (found == metadata.delegated.end() || !speaks_for(delegation, out.release)) continue;
    if (found->second.header.expires <= now) return expired(delegation.name, found->second.header.expires);
  }
  if (metadata.snapshot.header.expires <= now) {
    out.notes.push_back("the snapshot expired at " + iso_time(metadata.snapshot.header.expires) +
                        ": whether there is a newer release, only a registry can tell");
  }
  return out;
}

}  // namespace reburst::client
