#pragma once

#include <map>
#include <string>
#include <vector>

#include "registry/repository/metadata.hpp"

namespace reburst::registry {

struct Proposal;

// What a registry says now, to compare a proposal with; it holds no lock.
struct Present {
  std::string root, targets;                                         // texts
  std::map<std::string, tuf::Targets> delegated;                     // by role
  std::map<std::string, std::string> histories;                      // of the channels that are proposed
  std::map<std::string, std::map<std::string, std::string>> yanked;  // yanked_versions() of their roles ("web")
};
[[nodiscard]] Result<Present> present_of(const Metadata& metadata, const Proposal& proposal);
// Whether the proposal was made of this root and these targets: what is compared is then what it changes.
[[nodiscard]] bool is_made_of(const Proposal& proposal, const Present& present);

// kIntegrity unless every delegation is terminating and has the paths of its channel, and no others.
[[nodiscard]] Result<> check_delegations(const tuf::Targets& targets);

// kIntegrity unless every history that is proposed begins with the present one, and every version that is proposed is
// one release in all channels, those of the present and those proposed; kUsage when a channel would get a release, or
// point to one, that was yanked meanwhile (docs/formats/registry.md, "Proposals").
[[nodiscard]] Result<> check_follows(const Present& present, const Proposal& proposal);

// What a channel's proposed metadata has of releases and statement keys, in lines: against the present where that is
// known, else all of it.
[[nodiscard]] Result<std::vector<std::string>> release_changes(const std::string& role, const tuf::Targets& proposed,
                                                               const Present* present);

}  // namespace reburst::registry
