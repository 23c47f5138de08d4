#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "fetch/fetch.hpp"
#include "registry/client/history.hpp"
#include "registry/client/release.hpp"
#include "registry/client/trust.hpp"

namespace reburst::client {

// Where a registry is, and what is believed of it.
struct RemoteOptions {
  std::string registry;         // a folder, or an http(s): address
  std::string root;             // the trusted root.json: its text
  std::filesystem::path state;  // folder of what earlier runs have seen there; made when it is not there
  Epoch now = 0;
  fetch::Options fetch;
};

// Where a registry is, in one spelling: "file:///srv/registry" for a folder (absolute, no link is followed), an address
// without credentials, default port and slash at its end, its scheme and host in lower case.
[[nodiscard]] std::string location(const std::string& registry);

// The name of the folder for what is seen there under a trusted root, below the one of all states: "ROOT/LOCATION", two
// digests. Registries of one publisher share a root, and their versions have nothing to do with each other
// (docs/adr/0022-one-root-many-registries.md).
[[nodiscard]] std::filesystem::path state_name(std::string_view root, const std::string& registry);

// "web@stable", "web@20261121T161027Z", or "web" for web@stable. kUsage for anything else.
struct Reference {
  std::string role;
  std::string channel, version;  // one of them is empty
};
[[nodiscard]] Result<Reference> parse_reference(std::string_view text);

// A registry whose metadata has passed every check.
class Remote {
 public:
  // `roles`: the delegated roles to look into ("web-stable"); empty: all.
  [[nodiscard]] static Result<Remote> open(RemoteOptions options, const std::vector<std::string>& roles);

  [[nodiscard]] const VerifiedMetadata& metadata() const { return metadata_; }
  [[nodiscard]] const RemoteOptions& options() const { return options_; }

  // The moves of a channel, oldest first; kExpired when it has lapsed; kIntegrity when an earlier run has seen another
  // beginning.
  [[nodiscard]] Result<std::vector<Move>> history(const std::string& role, const std::string& channel);
  [[nodiscard]] Result<std::vector<ChannelRelease>> releases(const std::string& role, const std::string& channel) const;
  // What a reference names now. kYanked with the reason for a release that any channel looked into says was taken back,
  // whatever the others have, and for a channel that a yank left pointing to nothing; kMissing when there is none;
  // kExpired when only a channel that has lapsed may have it.
  [[nodiscard]] Result<ChannelRelease> find(const Reference& reference);

  // The roots from options().root to the newest one, for somebody who trusts that root and has no state of this
  // machine.
  [[nodiscard]] Result<std::vector<std::string>> roots() const;

  // The address of a file below the registry.
  [[nodiscard]] std::string address(const std::string& path) const;
  // A target's content, at most `max_bytes`, checked by length and digest.
  [[nodiscard]] Result<std::string> read_target(const std::string& path, std::uint64_t max_bytes) const;
  // Notes the highest security epoch of a channel. kIntegrity for a release below it, or below what an earlier run saw.
  [[nodiscard]] Result<> require_epoch(const ChannelRelease& release);
  // Keeps what was seen. Called when everything that the metadata was asked for has passed, and not before.
  [[nodiscard]] Result<> remember() const;
  // The same, and then `place`, which puts `release` where an earlier one may stand. Between the two no other run keeps
  // anything, so that a slow run never puts an older release over a faster one's: kUsage when another run has seen the
  // channel that `reference` names move on, kYanked when it has seen the release taken back.
  [[nodiscard]] Result<> remember(const Reference& reference, const ChannelRelease& release,
                                  const std::function<Result<>()>& place) const;

 private:
  Remote(RemoteOptions options, VerifiedMetadata metadata)
      : options_(std::move(options)), metadata_(std::move(metadata)) {}
  RemoteOptions options_;
  VerifiedMetadata metadata_;
};

// Role and channel of a delegated role, by its path patterns; nothing for one that is no channel.
struct ChannelName {
  std::string role, channel;
};
[[nodiscard]] std::optional<ChannelName> channel_name(const tuf::Delegation& delegation);

}  // namespace reburst::client
