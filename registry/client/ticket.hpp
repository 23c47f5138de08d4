#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "registry/client/release.hpp"
#include "registry/client/remote.hpp"
#include "registry/client/trust.hpp"

namespace reburst::client {

// What a deployer hands to a clone, which has no memory: the metadata that vouches for its release now
// (docs/formats/ticket.md). The clone checks it against the root in its initrd, without a network.
struct Ticket {
  std::string bytes;
  Epoch until = 0;      // when the first of its files expires
  std::string expires;  // which one: "timestamp"
};

// `roots`: from the one that is in the clone's initrd, or an older one, to the newest.
// `clone` is a plain name of at most 64 bytes (kUsage). kIntegrity for metadata that no clone takes: not in canonical
// form, delegations of anything but channels, too large, or too many roots.
[[nodiscard]] Result<Ticket> make_ticket(const VerifiedMetadata& metadata, const ChannelRelease& release,
                                         const std::vector<std::string>& roots, std::string_view clone);
[[nodiscard]] Result<Ticket> make_ticket(const Remote& remote, const ChannelRelease& release, std::string_view clone);

}  // namespace reburst::client
