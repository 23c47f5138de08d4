#include "registry/client/ticket.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"

namespace reburst::client {

namespace {

// What boot/ticket_file.hpp takes.
constexpr std::size_t kMaxTicket = 4U << 20U;
constexpr std::size_t kMostRoots = 64;
constexpr std::size_t kMaxClone = 64;

struct Part {
  std::string key;   // of the head's line
  std::string name;  // for messages
  std::string_view text;
};

tl::unexpected<Error> refuse(const std::string& why, const std::string& hint) {
  return fail(ErrorCode::kIntegrity, "cannot make a ticket: " + why, hint);
}

// A clone reads signed bytes where they lie: it has no other form to compare them with.
Result<> require_canonical(const Part& part) {
  if (canonical_json(REBURST_TRY(parse_json(part.text, part.name))) == part.text) return {};
  return refuse("\"" + part.name + "\" is not in canonical form", "its registry has to be written by Reburst");
}

Result<> require_channels(const tuf::Targets& targets) {
  const bool channels = std::all_of(targets.delegations.begin(), targets.delegations.end(),
                                    [](const auto& each) { return each.terminating && channel_name(each); });
  if (channels && targets.targets.empty()) return {};
  return refuse("its targets have more than delegations of channels, and no clone takes that", "ask its keeper");
}

Result<> require_clone(std::string_view clone) {
  if (registry::is_plain_name(clone) && clone.size() <= kMaxClone) return {};
  return fail(ErrorCode::kUsage, "\"" + std::string(clone) + "\" cannot be the name of a clone",
              "at most 64 letters, digits and \".\", \"_\", \"-\", \"+\" and \"~\", such as web-17");
}

Result<std::string> join(const std::vector<Part>& parts, std::string_view clone, const std::string& channel) {
  std::string out = "reburst-ticket 1\nfor " + std::string(clone) + "\nchannel " + channel + "\n";
  for (const auto& part : parts) out += part.key + " " + std::to_string(part.text.size()) + "\n";
  out += "\n";
  for (const auto& part : parts) {
    REBURST_TRY(require_canonical(part));
    out += part.text;
  }
  if (out.size() <= kMaxTicket) return out;
  return refuse(
      "it would have " + std::to_string(out.size()) + " bytes, and a clone takes " + std::to_string(kMaxTicket),
      "the channel has very many releases: yank old ones");
}

}  // namespace

Result<Ticket> make_ticket(const VerifiedMetadata& metadata, const ChannelRelease& release,
                           const std::vector<std::string>& roots, std::string_view clone) {
  REBURST_TRY(require_clone(clone));
  REBURST_TRY(require_channels(metadata.targets));
  if (roots.size() > kMostRoots + 1) {
    return refuse(std::to_string(roots.size() - 1) + " roots follow the trusted one, and a clone takes 64",
                  "build the image again with a newer root, and name it with --root");
  }
  const auto role = registry::channel_role(release.role, release.channel);
  std::vector<Part> parts;
  for (std::size_t i = 1; i < roots.size(); ++i) parts.push_back({"root", "root.json", roots[i]});
  const auto& state = metadata.state;
  parts.push_back({"timestamp", "timestamp.json", state.timestamp});
  parts.push_back({"snapshot", "snapshot.json", state.snapshot});
  parts.push_back({"targets", "targets.json", state.targets});
  parts.push_back({"delegation", role + ".json", state.delegated.at(role)});

  Ticket out{.bytes = REBURST_TRY(join(parts, clone, release.channel)), .until = 0, .expires = {}};
  const auto limit = [&](const tuf::Header& header, const std::string& name) {
    if (!out.expires.empty() && out.until <= header.expires) return;
    out.until = header.expires;
    out.expires = name;
  };
  limit(metadata.root.header, "root");
  limit(REBURST_TRY(tuf::parse<tuf::Timestamp>(state.timestamp, "timestamp.json")).body.header, "timestamp");
  limit(metadata.snapshot.header, "snapshot");
  limit(metadata.targets.header, "targets");
  limit(metadata.delegated.at(role).header, role);
  return out;
}

Result<Ticket> make_ticket(const Remote& remote, const ChannelRelease& release, std::string_view clone) {
  return make_ticket(remote.metadata(), release, REBURST_TRY(with_context(remote.roots(), "making a ticket")), clone);
}

}  // namespace reburst::client
