#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "registry/client/release.hpp"
#include "registry/client/trust.hpp"

namespace reburst::client {

// The metadata that vouched for a release when it was pulled, kept beside it as trust.json (docs/formats/trust.md):
// with the root that somebody trusts, the release can be verified anywhere, without a network.
inline constexpr std::string_view kEvidenceName = "trust.json";

// `roots`: Remote::roots().
[[nodiscard]] std::string to_evidence(const VerifiedMetadata& metadata, const std::vector<std::string>& roots,
                                      const ChannelRelease& release);

struct Checked {
  VerifiedMetadata metadata;
  ChannelRelease release;          // which of them it is: trust.json names it, and the metadata describes it
  std::vector<std::string> notes;  // "the timestamp expired at …": it was fresh when the release was pulled
};
// The client workflow on what trust.json holds. Root, targets and the delegated role must not have expired at `now`,
// which is the later of the clock and what is kept of the latest time (kExpired); timestamp and snapshot live days, and
// are only noted.
[[nodiscard]] Result<Checked> check_evidence(std::string_view evidence, std::string_view trusted_root, Epoch now,
                                             std::string_view name);

}  // namespace reburst::client
