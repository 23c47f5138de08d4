#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "boot/tuf.hpp"

// What targets and the delegated role of a channel say (docs/formats/registry.md, "Targets of a channel").
namespace reburst::boot {

struct ChannelName {
  ChannelName() = default;
  ChannelName(std::string_view role, std::string_view channel);
  Text<132> metadata;  // "web-stable"
  Text<132> path;      // "web/stable/"
};

// The keys of the channel's delegation. Every delegation must be that of one channel: terminating, with the paths of
// its own name; then their order is of no account, and nobody else speaks for this channel. Targets itself has no file.
[[nodiscard]] Result<> find_delegation(const Metadata& targets, const ChannelName& channel, RoleKeys& keys);

struct Releases {
  bool found = false;  // the release that was asked for; the next two are its own
  std::array<std::uint8_t, 32> root_hash{};
  std::uint64_t security_epoch = 0;
  std::uint64_t highest_epoch = 0;  // of all releases
  std::uint64_t newest = 0;         // the latest time that is a version: by then it was
};
// Every target must be of the channel, and those of the release say the same.
[[nodiscard]] Result<Releases> read_releases(const Metadata& delegation, const ChannelName& channel,
                                             std::string_view version);

[[nodiscard]] Result<> check_release(const Releases& releases, const std::array<std::uint8_t, 32>& root_hash,
                                     std::uint64_t floor, const ChannelName& channel, std::string_view version);

}  // namespace reburst::boot
