#include <algorithm>

#include "registry/client/trust.hpp"
#include "registry/release/layout.hpp"

namespace reburst::client {

namespace {

std::optional<FoundTarget> find_in(const tuf::Targets& targets, const std::string& role, const std::string& path) {
  const auto found = targets.targets.find(path);
  if (found == targets.targets.end()) return std::nullopt;
  return FoundTarget{role, found->second};
}

bool covers(const tuf::Delegation& delegation, const std::string& path) {
  return std::any_of(delegation.paths.begin(), delegation.paths.end(),
                     [&](const auto& pattern) { return tuf::matches(pattern, path); });
}

}  // namespace

std::optional<FoundTarget> find_target(const VerifiedMetadata& metadata, const std::string& path) {
  if (auto found = find_in(metadata.targets, "targets", path)) return found;
  for (const auto& delegation : metadata.targets.delegations) {
    if (!covers(delegation, path)) continue;
    if (metadata.lapsed.contains(delegation.name)) return std::nullopt;  // it may have named another file
    const auto role = metadata.delegated.find(delegation.name);
    if (role != metadata.delegated.end()) {
      if (auto found = find_in(role->second, role->first, path)) return found;
    }
    if (delegation.terminating) return std::nullopt;
  }
  return std::nullopt;
}

Result<std::vector<ChannelRelease>> channel_releases(const VerifiedMetadata& metadata, const std::string& role,
                                                     const std::string& channel) {
  const auto name = registry::channel_role(role, channel);
  const auto lapsed = metadata.lapsed.find(name);
  if (lapsed != metadata.lapsed.end()) return fail(lapsed->second.why);
  const auto found = metadata.delegated.find(name);
  if (found == metadata.delegated.end()) return std::vector<ChannelRelease>();
  for (const auto& [path, file] : found->second.targets) {
    const auto target = find_target(metadata, path);
    if (target && target->role == name) continue;
    return fail(ErrorCode::kIntegrity,
                "cannot accept the target \"" + path + "\": the role \"" + name +
                    "\" is not the one that speaks for it" + " (TUF 5.6.7: delegations in their order)",
                "the registry is damaged: ask its keeper");
  }
  return releases_of(found->second, role, channel);
}

}  // namespace reburst::client
