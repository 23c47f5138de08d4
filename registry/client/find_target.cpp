#include <algorithm>

#include "registry/client/trust.hpp"

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
    const auto role = metadata.delegated.find(delegation.name);
    if (role != metadata.delegated.end()) {
      if (auto found = find_in(role->second, role->first, path)) return found;
    }
    if (delegation.terminating) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace reburst::client
