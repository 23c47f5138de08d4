#include "boot/ticket_targets.hpp"

#include "boot/parse.hpp"

namespace reburst::boot {

namespace {

constexpr std::string_view kTargets = "targets";

// "web/stable/*" and "web/stable/*/*", where the delegation is called "web-stable".
bool has_own_paths(Json delegation) {
  Elements paths(delegation.member("paths"));
  if (!paths.next()) return false;
  auto path = paths.value().string();
  if (!path.ends_with("/*")) return false;
  path.remove_suffix(2);
  std::size_t slash = 0;
  while (slash < path.size() && path[slash] != '/') ++slash;
  if (slash + 1 >= path.size()) return false;
  const ChannelName own(slice(path, 0, slash), slice(path, slash + 1, path.size() - slash - 1));
  Text<140> below(own.path.view());
  below.add("*/*");
  const bool labels = is_label(slice(path, 0, slash)) && is_label(slice(path, slash + 1, path.size() - slash - 1));
  return labels && delegation.member("name").string() == own.metadata.view() && paths.next() &&
         paths.value().string() == below.view() && !paths.next() && delegation.member("terminating").is_true();
}

// "web/stable/VERSION/FILE"; the version is empty for the channel's own files, such as its history.
struct Place {
  bool good = false;
  std::string_view version;
};
Place place_of(std::string_view path, const ChannelName& channel) {
  const std::string_view prefix = channel.path;
  if (!path.starts_with(prefix)) return {};
  path.remove_prefix(prefix.size());
  std::size_t slash = 0;
  while (slash < path.size() && path[slash] != '/') ++slash;
  if (slash == path.size()) return {is_name(path, 200), {}};
  const auto version = slice(path, 0, slash);
  const auto file = slice(path, slash + 1, path.size() - slash - 1);
  return {is_name(version, 200) && is_name(file, 200), version};
}

tl::unexpected<Failure> refuse(const Metadata& metadata, std::string_view expected, std::string_view found) {
  return fail(ticket_failure(metadata.name, expected, found));
}

struct Custom {
  std::array<std::uint8_t, 32> root_hash{};
  std::uint64_t security_epoch = 0;
};
bool read_custom(Json custom, const ChannelName& channel, std::string_view version, Custom& out) {
  const auto role = custom.member("role").string();
  return is_label(role) && channel.path.view().starts_with(role) && channel.path.view()[role.size()] == '/' &&
         custom.member("version").string() == version &&
         parse_hex(custom.member("root_hash").string(), out.root_hash) &&
         custom.member("security_epoch").number(out.security_epoch);
}

Result<> add_target(const Metadata& metadata, Json target, const ChannelName& channel, std::string_view version,
                    bool wanted, Releases& out) {
  Custom custom;
  if (!read_custom(target.member("custom"), channel, version, custom)) {
    return refuse(metadata, "role, version, root hash and security epoch with every file of a release", "other facts");
  }
  if (custom.security_epoch > out.highest_epoch) out.highest_epoch = custom.security_epoch;
  std::uint64_t time = 0;
  if (parse_version_time(version, time) && time > out.newest) out.newest = time;
  if (!wanted) return {};
  if (out.found && (custom.root_hash != out.root_hash || custom.security_epoch != out.security_epoch)) {
    return refuse(metadata, "one root hash and security epoch of this release", "several");
  }
  out.found = true;
  out.root_hash = custom.root_hash;
  out.security_epoch = custom.security_epoch;
  return {};
}

}  // namespace

ChannelName::ChannelName(std::string_view role, std::string_view channel) {
  metadata.add(role).add('-').add(channel);
  path.add(role).add('/').add(channel).add('/');
}

Result<> find_delegation(const Metadata& targets, const ChannelName& channel, RoleKeys& keys) {
  if (Members(targets.content.member(kTargets)).next()) return refuse(targets, "delegations alone", "a file");
  const Json delegations = targets.content.member("delegations");
  Elements roles(delegations.member("roles"));
  Json own;
  while (roles.next()) {
    if (!has_own_paths(roles.value())) return refuse(targets, "delegations of one channel each", "another");
    if (roles.value().member("name").string() != channel.metadata.view()) continue;
    if (own.there()) return refuse(targets, "one delegation of a channel", "several");
    own = roles.value();
  }
  // "a-b" and "c" make the same name as "a" and "b-c"; the paths tell them apart.
  Text<140> path(channel.path.view());
  Elements paths(own.member("paths"));
  if (paths.next() && paths.value().string() == path.add('*').view()) {
    return read_role(own, delegations.member("keys"), targets.name, keys);
  }
  Failure failure = ticket_failure(targets.name, "", "no such delegation: the ticket is of another registry");
  failure.expected.add("a delegation of ").add(channel.path).add('*');
  return fail(failure);
}

Result<Releases> read_releases(const Metadata& delegation, const ChannelName& channel, std::string_view version) {
  if (Elements(delegation.content.member("delegations").member("roles")).next()) {
    return refuse(delegation, "no delegations", "some");
  }
  Releases out;
  Members targets(delegation.content.member(kTargets));
  while (targets.next()) {
    const Place place = place_of(targets.key(), channel);
    if (!place.good) return refuse(delegation, "files of its own channel", "another");
    if (place.version.empty()) continue;
    REBURST_BOOT_TRY(add_target(delegation, targets.value(), channel, place.version, place.version == version, out));
  }
  return out;
}

Result<> check_release(const Releases& releases, const std::array<std::uint8_t, 32>& root_hash, std::uint64_t floor,
                       const ChannelName& channel, std::string_view version) {
  Failure failure = ticket_failure(channel.metadata, "", "");
  const std::uint64_t lowest = releases.highest_epoch > floor ? releases.highest_epoch : floor;
  if (!releases.found) {
    failure.expected.add("the release ").add(channel.path).add(version);
    failure.found.add("other releases: it was yanked, or the ticket is of another");
    failure.advice = std::string_view("start a release that the channel still has, with its own ticket");
  } else if (releases.root_hash != root_hash) {
    failure.expected.add("root hash ").add_hex(root_hash).add(", this release's");
    failure.found.add("root hash ").add_hex(releases.root_hash);
    failure.advice = std::string_view("start the image that was published: this one only bears its version");
  } else if (releases.security_epoch < lowest) {
    failure.expected.add("security epoch ").add_number(lowest).add(" or later");
    failure.found.add("security epoch ").add_number(releases.security_epoch).add(": an older release");
    failure.advice = std::string_view("start a newer release: this one must not be used any more");
  } else {
    return {};
  }
  return fail(failure);
}

}  // namespace reburst::boot
