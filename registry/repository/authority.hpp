#pragma once

#include <map>
#include <string>
#include <vector>

#include "registry/repository/proposal.hpp"

namespace reburst::registry {

// Keys of which a threshold has to sign.
struct Authority {
  tuf::RoleKeys role;
  std::map<std::string, signing::PublicKey> keys;

  [[nodiscard]] bool counts(const std::string& keyid) const;
};

// Who has to sign each role of a proposal, by what it says itself: two authorities for a root whose keys change.
[[nodiscard]] Result<std::map<std::string, std::vector<Authority>>> authorities_of(const Proposal& proposal);

// "web-stable": a channel's name has no dash.
struct ChannelName {
  std::string role, channel;
};
[[nodiscard]] ChannelName split_channel_role(const std::string& role);

}  // namespace reburst::registry
